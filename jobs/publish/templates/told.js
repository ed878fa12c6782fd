"use strict";
/* What the night says in words: sentences from templates, alerts, what moved, what was corrected. */

/* What fills a gap of a sentence; every number is a link to its proof. */
function filling(fill) {
  if ("count" in fill) return el("a", { href: fill.to, "data-count": fill.count }, count(fill.count));
  if ("list" in fill) return fill.list.flatMap((each, i) => [i ? t("list") : "", indicatorLink(each.indicator, each.place, each.period)]);
  if ("code" in fill) return t(fill.code);
  if ("text" in fill) return say(fill.text);
  if ("value" in fill) return figure(fill.value, fill);
  if ("share" in fill) return el("a", { href: proof(fill.indicator, fill.place, fill.period), "data-share": fill.share }, `${fill.share > 0 ? "+" : "−"}${magnitude(fill.share * 100, 1)}%`);
  return "indicator" in fill ? indicatorLink(fill.indicator, fill.place, fill.period) : placeLink(fill.place);
}

/* A label with {gaps}, each filled by an element. */
function sentence({ say: key, fill }) {
  const parts = t(key, Object.fromEntries(Object.keys(fill).map((name) => [name, `{${name}}`]))).split(/(\{\w+\})/);
  return el("li", { "data-say": key }, parts.flatMap((part_text) => {
    const [, gap] = /^\{(\w+)\}$/.exec(part_text) || [];
    return gap ? filling(fill[gap]) : part_text;
  }));
}

function acknowledgement({ acknowledged: said }) {
  if (!said) return el("span", { class: "badge failed" }, t("acknowledged.none"));
  return el("div", {}, el("span", { class: "badge taken" }, t(`acknowledged.${said.state}`)), el("span", { class: "under" }, [said.day, said.department, said.note].filter(Boolean).join(" · ")));
}

function limitText({ sense, bound, colour }, indicator) {
  return `${t(`colour.${colour}`)} ${{ ">": ">", ">=": "≥", "<": "<", "<=": "≤" }[sense]} ${withUnit(bound, indicator)}`;
}

function alertRow(alert) {
  const { indicator, place, measured, value, since } = alert;
  const basis = [t(`basis.${alert.basis}`, { day: measured }), alert.possible && alert.colour ? t("basis.and_possible") : ""].filter(Boolean).join(t("list"));
  return {
    class: `alert ${alert.colour || "possible"}`, "data-alert": `${indicator} ${place}`,
    row: [
      el("div", { class: "chips" }, chips(alert)), el("div", {}, indicatorLink(indicator, place, measured), el("span", { class: "under" }, placeLink(place))),
      el("div", {}, figure(value, { indicator, place, period: measured }), el("span", { class: "under" }, limitText(alert.limit, indicator))),
      el("div", {}, basis, el("span", { class: "under" }, t(alert.from_start ? "since_at_least" : "since", { day: since }))), say(alert.owner), acknowledgement(alert),
    ],
  };
}

/* `watched`: how many indicators have thresholds; without any nothing can be said. */
function drawAlerts(alerts, total, watched) {
  if (!alerts.length) return body("alerts", none(watched ? "no_alerts" : "no_thresholds"));
  const rest = total > alerts.length ? none("alerts_elsewhere") : "";
  return body("alerts", short(["level", "indicator", "value_and_threshold", "basis", "owner", "acknowledgement"].map((key) => t(key)), alerts.map(alertRow), 12), rest);
}

function drawMoved() {
  if (!EDITION.moved.length) return body("moved", none("nothing_moved"));
  const rows = EDITION.moved.map((move) => {
    const cell = { indicator: move.indicator, place: EDITION.city.id };
    const sure = !move.doubts.includes("overlap");
    return {
      "data-moved": move.indicator,
      row: [
        indicatorLink(move.indicator, cell.place, move.period), figure(move.value, { ...cell, period: move.period }),
        el("div", {}, figure(move.earlier, { ...cell, period: move.then }), el("span", { class: "under" }, `${t(move.than === "week" ? "a_week_before" : "the_day_before")} ${move.then}`)),
        el("span", { class: `change ${move.verdict || "neutral"}` }, `${move.change > 0 ? "▲ +" : "▼ −"}${magnitude(move.relative * 100, 1)}%`),
        el("div", {}, el("span", { class: `badge ${sure ? "passed" : "stale"}` }, t(sure ? "change_sure" : "change_unsure")),
          el("span", { class: "under" }, (move.doubts.length ? move.doubts.map((code_text) => t(`doubt.${code_text}`)) : [t("doubt.none")]).join(t("list")))),
      ],
    };
  });
  return body("moved", table(["indicator", "now", "then_head", "relative", "believe"].map((key) => t(key)), rows));
}

function changeRow(change) {
  const known = about(change.indicator);
  const side = (value) => (value === null ? UNKNOWN : known ? withUnit(value, change.indicator) : number(value));
  const told = change.after !== null && known && EDITION.places[change.place] && (EDITION.days.includes(change.period) || EDITION.months.includes(change.period));
  const after = told ? el("a", { class: "figure", href: proof(change.indicator, change.place, change.period) }, side(change.after)) : side(change.after);
  const moved = change.before === null || change.after === null ? UNKNOWN : change.after - change.before;
  return { row: [
    nameOf(change.indicator), placeName(change.place), line(change.period),
    { text: el("span", {}, el("s", {}, side(change.before)), el("span", { "aria-hidden": true }, " → "), el("span", { class: "unseen" }, ` ${t("became")} `), el("b", {}, after)), class: "fromto" },
    { text: moved === UNKNOWN ? UNKNOWN : `${moved > 0 ? "+" : ""}${number(moved, known ? known.rounding : null)}`, class: "num" }, el("div", {}, code("cause", say(change.cause)), change.revision ? el("span", { class: "under revised" }, [t("revised", { n: count(change.revision) }), ...(change.sources || [])].join(t("list"))) : ""),
  ] };
}

function drawChanges() {
  const { changes: total, changes_elsewhere: finer, causes, revisions } = EDITION.counts;
  const elsewhere = finer ? el("p", { class: "note" }, t("changes_elsewhere", { n: count(finer) })) : "";
  if (!total) return body("changes", elsewhere || none(EDITION.previous ? "no_changes" : "no_previous"));
  const summary = Object.entries(causes).map(([cause, n]) => `${code("cause", cause)} ${count(n)}`).join(t("list"));
  const heads = ["indicator", "place", "period", "fromto", "difference", "cause"].map((key) => t(key));
  const shown = DATA.changes || EDITION.changes;
  const more = shown.length < total && !DATA.changes ? el("button", { type: "button", class: "more", onclick: () => load("changes").then((found) => found && drawChanges()) }, t("show_all", { n: count(total) })) : "";
  const cut = DATA.changes && shown.length < total ? none("changes_cut") : "";
  return body("changes", el("p", { class: "note" }, t("changes_since", { day: EDITION.previous || UNKNOWN, n: count(total), causes: summary }), revisions ? ` ${t("revised_since", { n: count(revisions) })}` : ""), table(heads, shown.map(changeRow)), more, cut, elsewhere);
}
