"use strict";
/* The city at a glance and its headline values. */
const flagged = EDITION.readings.some((each) => EDITION.indicators[each.indicator].headline);
const isHeadline = (reading) => !flagged || EDITION.indicators[reading.indicator].headline;
const series = (kind, indicator, place) => ((EDITION.series[kind] || {})[indicator] || {})[place];
const opened = new Set();

function drawHead() {
  by("city").textContent = say(EDITION.city.name);
  by("dates").replaceChildren(
    el("strong", {}, t("biz_date"), " ", el("time", { datetime: EDITION.biz_date }, EDITION.biz_date)),
    " · ", EDITION.previous ? t("previous", { day: EDITION.previous }) : t("no_previous"));
}

function drawGlance() {
  const shown = EDITION.readings.filter(isHeadline);
  const tile = (label, value, target, kind) => el("a", { href: `#${target}`, class: `tile ${kind}` }, el("b", {}, count(value)), el("span", {}, label));
  const states = ["final", "provisional", "stale", "withheld", "unknown"];
  const refused = EDITION.deliveries.filter((each) => each.outcome === "refused").length;
  by("glance").replaceChildren(
    el("p", { class: "tiles-head" }, t("of_headlines", { n: shown.length })),
    ...states.map((state) => tile(t(`state.${state}`), shown.filter((each) => each.state === state).length, "headlines", state)),
    el("p", { class: "tiles-head" }, t("of_night")),
    tile(t("tile.deliveries"), EDITION.deliveries.length, "deliveries", "plain"),
    tile(t("tile.refused"), refused, "deliveries", refused ? "alarm" : "plain"),
    tile(t("tile.holds"), EDITION.holds.length, "holds", EDITION.holds.length ? "alarm" : "plain"),
    tile(t("tile.changes"), EDITION.changes.length, "changes", "plain"));
}

function drawLegend() {
  const states = ["final", "provisional", "stale", "withheld", "unknown"];
  by("legend").replaceChildren(...states.map((state) => el("span", {}, badge(state), " ", t(`means.${state}`))));
}

/* The value with its unit; what is withheld or unknown has no number at all. */
function valueCell(reading) {
  const { record, state } = reading;
  const { rounding } = EDITION.indicators[reading.indicator];
  const bare = state === "withheld" || state === "unknown";
  const main = bare
    ? el("span", { class: `value ${state}` }, state === "withheld" ? t("state.withheld") : UNKNOWN)
    : el("span", {
      class: `value ${state}`, title: String(record.value), "data-value": record.value, "data-indicator": reading.indicator,
      "data-place": record.place, "data-period": record.period,
    }, number(record.value, rounding), el("small", {}, ` ${unit(record.unit)}`));
  const notes = [];
  if (reading.period !== EDITION.biz_date) notes.push(reading.period);
  if (!bare && record.low !== null && record.high !== null && record.low !== record.high) {
    notes.push(t("range", { low: number(record.low, rounding), high: number(record.high, rounding) }));
  }
  if (state === "stale" && reading.last_known && reading.last_known.value === record.value) notes.push(t("taken_from", { day: reading.last_known.period }));
  if (bare && reading.last_known) {
    const { value, period } = reading.last_known;
    notes.push(t("last_known", { day: period, value: `${number(value, rounding)} ${unit(EDITION.indicators[reading.indicator].unit)}`.trim() }));
  }
  return el("div", {}, main, notes.map((note) => el("span", { class: "under" }, note)));
}

function statusCell(reading) {
  const reasons = reading.record ? reading.record.reasons : [t("no_record")];
  return el("div", {}, badge(reading.state), reasons.length ? el("span", { class: "under" }, reasons.map(reason).join(t("list"))) : null);
}

function trustCell(reading) {
  const { coverage = null, grade = null } = reading.record || {};
  if (coverage === null && grade === null) return el("span", { class: "none" }, UNKNOWN);
  return el("div", { class: "trust" },
    el("span", { class: `grade g${grade}`, title: t("grade") }, grade || UNKNOWN),
    el("span", { title: t("coverage") }, share(coverage)));
}

/* A change too small for the decimals shown is less than one of them, not zero. */
function magnitude(change, rounding) {
  const least = rounding === null ? 0 : 10 ** -rounding;
  return change && Math.abs(change) < least / 2 ? `<${number(least, rounding)}` : number(Math.abs(change), rounding);
}

function changeCell(reading, than) {
  if (!than) return el("span", { class: "none" }, UNKNOWN);
  if (than.change === null) {
    const why = reading.state === "stale" ? t("not_compared_stale") : than.state === "unknown" || than.state === "withheld" || than.state === "stale"
      ? t("not_compared_then", { day: than.period, state: t(`state.${than.state}`) }) : t("not_compared_now");
    return el("span", { class: "none", title: why }, UNKNOWN, el("span", { class: "unseen" }, ` ${why}`));
  }
  const { rounding, unit: name } = EDITION.indicators[reading.indicator];
  const arrow = than.change > 0 ? "▲" : than.change < 0 ? "▼" : "＝";
  const points = code("unit", name) === "%";
  const second = points ? t("points") : than.relative === null ? "" : `${magnitude(than.relative * 100, 1)}%`;
  return el("div", { class: `change ${than.verdict || "neutral"}`, title: t("then", { day: than.period, value: number(than.value, rounding) }) },
    el("span", { "aria-hidden": true }, arrow), el("span", { class: "unseen" }, t(than.change > 0 ? "up" : than.change < 0 ? "down" : "unchanged")),
    ` ${magnitude(than.change, rounding)}`, points ? ` ${second}` : null,
    reading.kind === "month" ? el("span", { class: "under wide" }, t("than_month")) : null,
    el("span", { class: "under" }, [points ? "" : second, than.verdict && than.change ? t(`verdict.${than.verdict}`) : "", than.state === "provisional" ? t("then_provisional") : ""]
      .filter(Boolean).join(" · ")));
}

/* Thirty days to the edition's date. Unknown days are gaps; stale days are marked apart, for they are an older day's value. */
function spark(reading) {
  const line = reading.kind === "day" ? series("day", reading.indicator, EDITION.city.id) : undefined;
  if (!line) return el("span", { class: "none" }, UNKNOWN);
  const end = Date.parse(EDITION.biz_date);
  const points = line.period.map((day, i) => ({ at: 29 - (end - Date.parse(day)) / 864e5, value: line.value[i], state: line.state[i] }))
    .filter((point) => point.at >= 0 && point.at <= 29 && point.value !== null);
  if (!points.length) return el("span", { class: "none" }, UNKNOWN);
  const [low, high] = [Math.min(...points.map((point) => point.value)), Math.max(...points.map((point) => point.value))];
  const x = (point) => 3 + point.at * 4.9;
  const y = (point) => (high === low ? 17 : 30 - ((point.value - low) / (high - low)) * 26);
  const solid = points.filter((point) => point.state !== "stale");
  const path = solid.map((point, i) => `${i && point.at - solid[i - 1].at === 1 ? "L" : "M"}${x(point).toFixed(1)} ${y(point).toFixed(1)}`).join("");
  const dots = points.filter((point) => point.state !== "final" || point.at === 29)
    .map((point) => el("circle", { cx: x(point).toFixed(1), cy: y(point).toFixed(1), r: point.at === 29 ? 2.6 : 1.7, class: point.state }));
  const { rounding } = EDITION.indicators[reading.indicator];
  const text = t("spark", { n: solid.length, low: number(low, rounding), high: number(high, rounding) });
  return el("svg", { class: "spark", viewBox: "0 0 148 34", role: "img", "aria-label": text }, el("path", { d: path, class: "line" }), dots);
}

function detail(reading) {
  const indicator = EDITION.indicators[reading.indicator];
  const record = reading.record || {};
  const facts = [
    ["question", say(indicator.question)], ["does_not_say", say(indicator.does_not_say)], ["owner", say(indicator.owner)],
    ["face", code("face", indicator.face)],
    ["target", indicator.target === null ? "" : `${typeof indicator.target === "number" ? number(indicator.target) : indicator.target} ${unit(indicator.unit)}`],
    ["n_records", record.n_records === null || record.n_records === undefined ? "" : count(record.n_records)],
    ["definition_version", record.definition_version], ["said_first", record.edition], ["id", reading.indicator],
  ].filter(([, text]) => text);
  return el("dl", { class: "facts" }, facts.map(([key, text]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, text))));
}

function readingRows(reading, heads) {
  const { indicator } = reading;
  const extra = isHeadline(reading) ? "" : " extra";
  const head = (i) => (i === 4 && reading.kind === "month" ? t("than_month") : heads[i]);
  const more = el("tr", { class: `detail${extra}`, role: "row", id: `detail-${indicator}`, hidden: !opened.has(indicator) }, el("td", { colspan: 7, role: "cell" }, detail(reading)));
  const name = el("button", {
    type: "button", class: "name", "aria-expanded": String(opened.has(indicator)), "aria-controls": more.id,
    onclick: () => {
      more.hidden = !more.hidden;
      opened[more.hidden ? "delete" : "add"](indicator);
      name.setAttribute("aria-expanded", String(!more.hidden));
    },
  }, say(EDITION.indicators[indicator].name));
  const cells = [valueCell(reading), statusCell(reading), trustCell(reading), changeCell(reading, reading.before), changeCell(reading, reading.week), spark(reading)];
  return [el("tr", { class: `reading ${reading.state}${extra}`, role: "row" }, el("th", { scope: "row", role: "rowheader" }, name),
    cells.map((cell, i) => el("td", { role: "cell", class: cell.className === "none" ? "bare" : null, "data-head": head(i + 1) }, cell))), more];
}

function drawReadings() {
  const heads = ["indicator", "value", "status", "trust", "than_day", "than_week", "days30"].map((key) => t(key));
  const bodies = EDITION.elements.map((element) => {
    const members = EDITION.readings.filter((each) => EDITION.indicators[each.indicator].element === element.id);
    if (!members.length) return null;
    return el("tbody", { role: "rowgroup", class: members.some(isHeadline) ? null : "extra" },
      el("tr", { class: "element", role: "row" }, el("th", { colspan: 7, scope: "rowgroup", role: "rowheader" }, say(element))),
      members.flatMap((reading) => readingRows(reading, heads)));
  }).filter(Boolean);
  by("readings").replaceChildren(
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map((head) => el("th", { scope: "col", role: "columnheader" }, head)))), ...bodies);
  const silent = EDITION.elements.filter((element) => !EDITION.readings.some((each) => EDITION.indicators[each.indicator].element === element.id));
  by("silent").textContent = silent.length ? t("silent", { names: silent.map(say).join(t("list")) }) : "";
}

by("all").addEventListener("change", () => by("readings").classList.toggle("all", by("all").checked));
[drawHead, drawGlance, drawLegend, drawReadings].forEach(part);
