"use strict";
/* What the night took in, held back and corrected: shared by the bulletin and the quality page. */
const body = (id, ...content) => by(id).querySelector("[data-body]").replaceChildren(...content);
const none = (key) => el("p", { class: "note" }, t(key));

function drawChanges() {
  const elsewhere = EDITION.changes_elsewhere ? el("p", { class: "note" }, t("changes_elsewhere", { n: count(EDITION.changes_elsewhere) })) : "";
  if (!EDITION.changes.length) return body("changes", elsewhere || none(EDITION.previous ? "no_changes" : "no_previous"));
  const causes = new Map();
  EDITION.changes.forEach(({ cause }) => { const text = code("cause", say(cause)); causes.set(text, (causes.get(text) || 0) + 1); });
  const summary = [...causes].map(([cause, n]) => `${cause} ${count(n)}`).join(t("list"));
  const rows = EDITION.changes.map((change) => {
    const { name, rounding, unit: measure } = EDITION.indicators[change.indicator] || { name: change.indicator, rounding: null, unit: "" };
    const side = (value) => `${number(value, rounding)} ${value === null ? "" : unit(measure)}`.trim();
    const moved = change.before === null || change.after === null ? "" : change.after - change.before;
    return { row: [
      say(name), placeName(change.place), line(change.period),
      { text: el("span", {}, el("s", {}, side(change.before)), el("span", { "aria-hidden": true }, " → "), el("span", { class: "unseen" }, ` ${t("became")} `), el("b", {}, side(change.after))), class: "fromto" },
      { text: moved === "" ? UNKNOWN : `${moved > 0 ? "+" : ""}${number(moved, rounding)}`, class: "num" }, code("cause", say(change.cause)),
    ] };
  });
  return body("changes", el("p", { class: "note" }, t("changes_since", { day: EDITION.previous || UNKNOWN, n: count(rows.length), causes: summary })),
    short(["indicator", "place", "period", "fromto", "difference", "cause"].map((key) => t(key)), rows, 20), elsewhere);
}

function drawHolds() {
  if (!EDITION.holds.length) return body("holds", none("no_holds"));
  const rows = EDITION.holds.map((hold) => ({ class: "alarm", row: [el("code", {}, hold.table), line(hold.day), el("code", {}, hold.rule), say(hold.why)] }));
  return body("holds", el("p", { class: "note" }, t("holds_mean")), short(["table", "day", "rule", "why"].map((key) => t(key)), rows, 20));
}

function drawDeliveries() {
  if (!EDITION.deliveries.length) return body("deliveries", none("no_deliveries"));
  const outcomes = new Map();
  EDITION.deliveries.forEach(({ outcome }) => outcomes.set(outcome, (outcomes.get(outcome) || 0) + 1));
  const rows = EDITION.deliveries.map((each) => ({
    class: each.outcome === "refused" ? "alarm" : "",
    row: [
      el("span", { class: `badge ${each.outcome === "refused" ? "refused" : "taken"}` }, code("outcome", each.outcome)),
      line(el("code", {}, each.source)), el("span", { class: "path", title: `sha256 ${each.sha256}\n${each.delivery_id}` }, each.file), instant(each.delivered_at),
      { text: size(each.size), class: "num" }, { text: count(each.records), class: "num" },
      { text: count(each.malformed), class: each.malformed ? "num notable" : "num" }, each.reason ? reason(say(each.reason)) : "",
    ],
  }));
  const summary = [...outcomes].map(([outcome, n]) => `${code("outcome", outcome)} ${count(n)}`).join(t("list"));
  const refused = EDITION.deliveries.filter((each) => each.outcome === "refused").length;
  return body("deliveries", el("p", { class: "note" }, summary),
    short(["outcome", "source", "file", "delivered_at", "size", "records", "malformed", "reason"].map((key) => t(key)), rows, Math.max(12, refused)));
}

if (by("changes")) part(drawChanges);
part(drawHolds);
part(drawDeliveries);
