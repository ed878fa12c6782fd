"use strict";
/* What the night took in and held back. */
function drawHolds() {
  if (!EDITION.holds.length) return body("holds", none("no_holds"));
  const rows = EDITION.holds.map((hold) => ({ class: "alarm", row: [el("code", {}, hold.table), line(hold.day), el("code", {}, hold.rule), say(hold.why)] }));
  return body("holds", el("p", { class: "note" }, t("holds_mean")), short(["table", "day", "rule", "why"].map((key) => t(key)), rows, 20));
}

function drawMissing() {
  if (!EDITION.missing.length) return body("overdue", none("no_missing"));
  const rows = EDITION.missing.map((each) => ({ class: "warn", row: [el("code", {}, each.source), say(each.owner), line(each.last || t("never")), { text: count(each.days), class: "num" }] }));
  return body("overdue", short(["source", "owner", "last_day", "days_since"].map((key) => t(key)), rows, 20));
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

part(drawHolds);
part(drawMissing);
part(drawDeliveries);
