"use strict";
/* Values as a reader meets them: number, range, trust, change, last days, place among the districts. A number links to its proof. */
const STATES = ["final", "provisional", "stale", "withheld", "unknown"];
const COLOURS = ["red", "orange", "yellow", "blue"];
const STATE_OF = { f: "final", p: "provisional", s: "stale", w: "withheld", u: "unknown", ".": "unknown" };
const about = (indicator) => EDITION.indicators[indicator];
const nameOf = (indicator) => say(about(indicator) ? about(indicator).name : indicator);
const unitOf = (indicator) => unit(about(indicator).unit);
const withUnit = (value, indicator) => `${number(value, about(indicator).rounding)} ${unitOf(indicator)}`.trim();
const proof = (indicator, place, period) => address("indicator", { id: indicator, place, period });
const isBare = (state) => state === "withheld" || state === "unknown";

/* A published number: its text is rounded, its data are not, its link is its own page. */
function figure(value, { indicator, place, period }, text = withUnit(value, indicator), kind = "figure") {
  return el("a", { href: proof(indicator, place, period), class: kind, title: String(value), "data-value": value, "data-indicator": indicator, "data-place": place, "data-period": period }, text);
}

function placeLink(place) {
  return EDITION.places[place] ? el("a", { href: address("district", { id: place }) }, placeName(place)) : placeName(place);
}

const indicatorLink = (indicator, place, period) => el("a", { class: "name", href: proof(indicator, place, period) }, nameOf(indicator));

/* A level is told by its word and its mark, and only then by its colour. */
function chip(colour, kind = "certain") {
  if (!colour) return el("span", { class: "chip none" }, t("colour.none"));
  return el("span", { class: `chip ${colour} ${kind}`, "data-colour": colour, "data-kind": kind }, el("b", { "aria-hidden": true }, t(`mark.${colour}`)), " ",
    kind === "possible" ? t("possibly", { colour: t(`colour.${colour}`) }) : t(`colour.${colour}`));
}

const chips = ({ colour, possible, basis }) => [
  colour ? chip(colour, basis === "held" || basis === "unmeasured" ? "held" : "certain") : null, possible ? chip(possible, "possible") : null,
].filter(Boolean);

function legend() {
  return STATES.map((state) => el("span", {}, badge(state), " ", t(`means.${state}`)));
}

/* The value with its unit; what is withheld or unknown has no number at all. */
function valueCell(reading, place) {
  const { indicator, state, value, low, high, last_known: known } = reading;
  const { rounding, period, target } = about(indicator);
  const bare = isBare(state);
  const main = bare
    ? el("span", { class: `value ${state}` }, state === "withheld" ? t("state.withheld") : UNKNOWN)
    : figure(value, { indicator, place, period }, [number(value, rounding), el("small", {}, ` ${unitOf(indicator)}`)], `value ${state}`);
  const notes = [];
  if (period !== EDITION.biz_date) notes.push(period);
  if (!bare && low !== undefined && high !== undefined && low !== high) notes.push(t("range", { low: number(low, rounding), high: number(high, rounding) }));
  if (state === "stale" && known && known.value === value) notes.push(t("taken_from", { day: known.period }));
  if (bare && known) notes.push(t("last_known", { day: known.period, value: withUnit(known.value, indicator) }));
  if (target !== null) notes.push(`${t("target")} ${typeof target === "number" ? withUnit(target, indicator) : target}`);
  return el("div", {}, main, notes.map((note) => el("span", { class: "under" }, note)));
}

function statusCell({ state, reasons = [], edition, alert }) {
  const told = edition === undefined && state === "unknown" ? [t("no_record")] : reasons.map(reason);
  return el("div", {}, badge(state), alert ? el("span", { class: "chips" }, chips(alert)) : null, told.length ? el("span", { class: "under" }, told.join(t("list"))) : null);
}

function trustCell({ coverage = null, grade = null }) {
  if (coverage === null && grade === null) return el("span", { class: "none" }, UNKNOWN);
  return el("div", { class: "trust" }, el("span", { class: `grade g${grade}`, title: t("grade") }, grade || UNKNOWN), el("span", { title: t("coverage") }, share(coverage)));
}

/* A change too small for the decimals shown is less than one of them, not zero. */
function magnitude(change, rounding) {
  const least = rounding === null ? 0 : 10 ** -rounding;
  return change && Math.abs(change) < least / 2 ? `<${number(least, rounding)}` : number(Math.abs(change), rounding);
}

function changeCell(reading, than, place) {
  if (!than) return el("span", { class: "none" }, UNKNOWN);
  if (than.change === undefined) {
    const why = reading.state === "stale" ? t("not_compared_stale") : than.state === "unknown" || than.state === "withheld" || than.state === "stale"
      ? t("not_compared_then", { day: than.period, state: t(`state.${than.state}`) }) : t("not_compared_now");
    return el("span", { class: "none", title: why }, UNKNOWN, el("span", { class: "unseen" }, ` ${why}`));
  }
  const { rounding, kind } = about(reading.indicator);
  const arrow = than.change > 0 ? "▲" : than.change < 0 ? "▼" : "＝";
  const points = unitOf(reading.indicator) === "%";
  const second = points ? t("points") : than.relative === undefined ? "" : `${magnitude(than.relative * 100, 1)}%`;
  return el("div", { class: `change ${than.verdict || "neutral"}` },
    el("span", { "aria-hidden": true }, arrow), el("span", { class: "unseen" }, t(than.change > 0 ? "up" : than.change < 0 ? "down" : "unchanged")),
    ` ${magnitude(than.change, rounding)}`, points ? ` ${second}` : null,
    el("span", { class: "under" }, t("was"), figure(than.value, { indicator: reading.indicator, place, period: than.period }, number(than.value, rounding))),
    kind === "month" ? el("span", { class: "under wide" }, t("than_month")) : null,
    el("span", { class: "under" }, [points ? "" : second, than.verdict && than.change ? t(`verdict.${than.verdict}`) : "", than.state === "provisional" ? t("then_provisional") : ""]
      .filter(Boolean).join(" · ")));
}

/* The last days to the edition's own. Unknown days are gaps; stale days are marked apart, for they are an older day's value. */
function spark({ spark: line }) {
  if (!line) return el("span", { class: "none" }, UNKNOWN);
  const points = line.value.map((value, at) => ({ at, value, state: STATE_OF[line.state[at]] })).filter((point) => point.value !== null);
  const last = line.value.length - 1;
  const [low, high] = [Math.min(...points.map((point) => point.value)), Math.max(...points.map((point) => point.value))];
  const x = (point) => (3 + point.at * (142 / last)).toFixed(1);
  const y = (point) => (high === low ? 17 : 30 - ((point.value - low) / (high - low)) * 26).toFixed(1);
  const solid = points.filter((point) => point.state !== "stale");
  const path = solid.map((point, i) => `${i && point.at - solid[i - 1].at === 1 ? "L" : "M"}${x(point)} ${y(point)}`).join("");
  const dots = points.filter((point) => point.state !== "final" || point.at === last)
    .map((point) => el("circle", { cx: x(point), cy: y(point), r: point.at === last ? 2.6 : 1.7, class: point.state }));
  return el("svg", { class: "spark", viewBox: "0 0 148 34", role: "img", "aria-label": t("spark", { n: solid.length, days: line.value.length }) }, el("path", { d: path, class: "line" }), dots);
}

/* Least, quartiles and most of the districts as a bar, the place itself as a mark on it. */
function strip({ indicator, spread, value, rank }, place) {
  if (!spread) return el("span", { class: "none" }, UNKNOWN);
  const { period } = about(indicator);
  const numbers = spread.at.map(([, each]) => each);
  const own = place !== EDITION.city.id && value !== undefined ? [value] : [];
  const [low, high] = [Math.min(...numbers, ...own), Math.max(...numbers, ...own)];
  const x = (each) => (high === low ? 70 : 4 + ((each - low) / (high - low)) * 132);
  const drawing = el("svg", { class: "strip", viewBox: "0 0 140 16", "aria-hidden": true },
    el("line", { x1: x(numbers[0]), x2: x(numbers[4]), y1: 8, y2: 8 }), el("rect", { x: x(numbers[1]), width: Math.max(1, x(numbers[3]) - x(numbers[1])), y: 4, height: 8 }),
    el("line", { x1: x(numbers[2]), x2: x(numbers[2]), y1: 2, y2: 14, class: "middle" }), own.map((each) => el("circle", { cx: x(each), cy: 8, r: 4 })));
  const end = (at) => figure(numbers[at], { indicator, place: spread.at[at][0], period }, number(numbers[at], about(indicator).rounding));
  return el("div", {}, drawing, el("span", { class: "under" }, end(0), " – ", end(4), ` · ${t("of_districts", { n: spread.n })}`),
    rank ? el("span", { class: "under" }, t("rank", { rank, n: spread.n })) : null);
}

function readingRow(reading, place, heads) {
  const { indicator, state } = reading;
  const { period, kind, owner } = about(indicator);
  const cells = [valueCell(reading, place), statusCell(reading), trustCell(reading), changeCell(reading, reading.before, place), changeCell(reading, reading.week, place), spark(reading), strip(reading, place)];
  const head = (i) => (i === 4 && kind === "month" ? t("than_month") : heads[i]);
  return el("tr", { class: `reading ${state}`, role: "row", "data-row": indicator },
    el("th", { scope: "row", role: "rowheader" }, indicatorLink(indicator, place, period), el("span", { class: "under" }, say(EDITION.owners[owner]))),
    cells.map((cell, i) => el("td", { role: "cell", class: cell.className === "none" ? "bare" : null, "data-head": head(i + 1) }, cell)));
}

/* Readings by element, in the order in which they come. */
function readingsTable(readings, place) {
  const heads = ["indicator", "value", "status", "trust", "than_day", "than_week", "days30", "spread"].map((key) => t(key));
  const bodies = EDITION.elements.map((element) => {
    const members = readings.filter((each) => about(each.indicator).element === element.id);
    if (!members.length) return null;
    return el("tbody", { role: "rowgroup" },
      el("tr", { class: "element", role: "row" }, el("th", { colspan: 8, scope: "rowgroup", role: "rowheader" }, el("a", { href: address("element", { id: element.id }) }, say(element)))),
      members.map((reading) => readingRow(reading, place, heads)));
  }).filter(Boolean);
  return el("table", { class: "readings", role: "table" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map((head) => el("th", { scope: "col", role: "columnheader" }, head)))), ...bodies);
}
