"use strict";
/* The page of an indicator: one value with its proof, the districts on the map and side by side, the last days. */
const chosen = {};
let told = null;
const kindOf = () => about(chosen.id).kind;
const axis = () => (kindOf() === "day" ? EDITION.days : EDITION.months);
const pick = (list, i) => (Array.isArray(list) ? list[i] : list === undefined ? null : list);

/* What the edition says at a place and period. */
function cellOf(place, period) {
  const line = told.lines[place];
  const i = axis().indexOf(period);
  if (!line || i < 0 || line.state[i] === ".") return { value: null, state: "unknown", missing: true, coverage: null, grade: null };
  const value = line.value[i];
  const row = [...line.state].slice(0, i + 1).filter((state) => state !== ".").length;
  return {
    value, state: STATE_OF[line.state[i]], low: line.low ? line.low[i] : value, high: line.high ? line.high[i] : value, coverage: pick(line.coverage, i),
    grade: line.grade[i] === "." ? null : line.grade[i], records: pick(line.records, i), reasons: (pick(line.why, i) || []).map((each) => told.reasons[each]),
    said: told.editions[pick(line.said, i)], version: told.versions[pick(line.version, i)], row: line.row.slice(0, row).reduce((sum, each) => sum + each, 0),
  };
}

const inDistricts = () => EDITION.districts.map((each) => each.id).filter((place) => told.lines[place]);
const cellText = ({ value, state }) => (state === "withheld" ? t("state.withheld") : value === null ? UNKNOWN : withUnit(value, chosen.id));
const cellStory = (cell) => [cellText(cell), isBare(cell.state) ? "" : t(`state.${cell.state}`), cell.grade ? `${t("grade")} ${cell.grade}` : ""].filter(Boolean).join(" · ");

function choose(change) {
  Object.assign(chosen, change);
  history.replaceState(null, "", `#${new URLSearchParams(chosen)}`);
  open();
}

/* The address says what is looked at; what it leaves out is the city, and the newest period that anybody knows. */
function open() {
  const known = Object.keys(EDITION.indicators);
  if (!known.length) return;
  const asked_for = wanted();
  chosen.id = known.includes(asked_for.get("id")) ? asked_for.get("id") : known[0];
  chosen.place = EDITION.places[asked_for.get("place")] ? asked_for.get("place") : EDITION.city.id;
  chosen.period = axis().includes(asked_for.get("period")) ? asked_for.get("period") : about(chosen.id).period;
  const { id } = chosen;
  load(`indicators-${about(id).file}`).then((found) => {
    if (!found || chosen.id !== id) return;
    told = found[id];
    [drawAbout, drawControls, drawProof, drawBehind, () => drawAlerts(told.alerts, told.alerts.length, told.about.levels.length), drawSpread].forEach((draw) => draw());
    load("map").then(() => script(ECHARTS)).then(drawCharts, drawCharts);
  });
}

function drawAbout() {
  const { about: one } = told;
  const { element } = about(chosen.id);
  by("kicker").replaceChildren(el("a", { href: address("element", { id: element }) }, say(EDITION.elements.find((each) => each.id === element))));
  by("title").textContent = nameOf(chosen.id);
  document.title = `${nameOf(chosen.id)} · ${say(EDITION.city.name)} · ${EDITION.biz_date}`;
  by("footer").textContent = t("footer");
  by("dates").replaceChildren(say(EDITION.city.name), " · ", el("strong", {}, t("biz_date"), " ", el("time", { datetime: EDITION.biz_date }, EDITION.biz_date)));
  const facts = [
    ["question", say(one.question)], ["does_not_say", say(one.does_not_say)], ["owner", say(one.owner)], ["face", code("face", one.face)],
    ["target", one.target === null ? t("no_target") : typeof one.target === "number" ? withUnit(one.target, chosen.id) : one.target],
    ["thresholds", one.levels.map((level) => limitText(level, chosen.id)).join(t("list")) || t("none_declared")], ["id", chosen.id],
  ].filter(([, text]) => text);
  by("about").replaceChildren(...facts.map(([key, text]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, text))));
}

function drawControls() {
  const groups = EDITION.elements.map((element) => [element, Object.keys(EDITION.indicators).filter((id) => about(id).element === element.id)]);
  by("indicator").replaceChildren(...groups.filter(([, ids]) => ids.length).map(([element, ids]) => el("optgroup", { label: say(element) }, ids.map((id) => el("option", { value: id }, nameOf(id))))));
  by("indicator").value = chosen.id;
  options(by("place"), [[EDITION.city.id, t("whole_city")], ...inDistricts().map((id) => [id, placeName(id)])], chosen.place);
  options(by("period"), [...axis()].reverse().map((period) => [period, period]), chosen.period);
}

function earlier(period, days) {
  if (kindOf() !== "day") return axis()[axis().indexOf(period) - 1];
  return new Date(Date.parse(period) - days * 864e5).toISOString().slice(0, 10);
}

function then(key, period) {
  if (!period || !axis().includes(period)) return null;
  const cell = cellOf(chosen.place, period);
  return [key, el("span", {}, cell.value === null ? cellText(cell) : figure(cell.value, { indicator: chosen.id, place: chosen.place, period }), ` · ${period} · ${t(`state.${cell.state}`)}`)];
}

/* Everything that is published of this one value, and how anybody proves it. */
function drawProof() {
  const { id, place, period } = chosen;
  const cell = cellOf(place, period);
  const rounding = about(id).rounding;
  const shown = isBare(cell.state) ? el("span", { class: `value ${cell.state}` }, cellText(cell)) : figure(cell.value, { indicator: id, place, period }, withUnit(cell.value, id), `value ${cell.state}`);
  const facts = [
    ["value", el("span", {}, shown, " ", badge(cell.state))],
    ["exact", cell.value === null ? "" : `${cell.value} ${unitOf(id)}`],
    ["possible_range", cell.value === null ? "" : cell.low === cell.high ? t("no_width") : t("range", { low: number(cell.low, rounding), high: number(cell.high, rounding) })],
    ["grade", cell.grade || UNKNOWN], ["coverage", share(cell.coverage)],
    ["why_state", cell.missing ? t("no_record") : cell.reasons.map(reason).join(t("list")) || t(`means.${cell.state}`)],
    ["n_records", count(cell.records)], ["definition_version", cell.version || ""], ["said_first", cell.said || ""],
    then(kindOf() === "day" ? "than_week" : "than_month", earlier(period, 7)), kindOf() === "day" ? then("than_day", earlier(period, 1)) : null,
    ["place", placeLink(place)],
    ["row_of_values", cell.missing ? "" : t("row_number", { n: count(cell.row + 1), leaf: count(cell.row) })],
    ["prove", cell.missing ? "" : command("prove", "--edition", EDITION.biz_date, "> proof.json")],
  ].filter((fact) => fact && fact[1] !== "");
  body("proof", el("dl", { class: `facts ${cell.state}` }, facts.map(([key, text]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, text)))));
}

/* The districts of the period from the highest value to the lowest; a bar for the value, a thin line for its range. */
function drawSpread() {
  const rows = inDistricts().map((place) => [place, cellOf(place, chosen.period)]);
  if (!rows.length) return body("spread", none("city_only"));
  rows.sort(([, a], [, b]) => (a.value === null) - (b.value === null) || b.value - a.value);
  const numbers = rows.map(([, cell]) => cell.value).filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const x = (value) => (high === low ? 0 : ((Math.min(Math.max(value, low), high) - low) / (high - low)) * 200);
  const bar = (cell) => (cell.value === null ? UNKNOWN : el("svg", { class: `gauge ${cell.state}`, viewBox: "0 0 200 14", preserveAspectRatio: "none", "aria-hidden": true },
    el("rect", { x: Math.min(x(0), x(cell.value)), width: Math.max(1, Math.abs(x(cell.value) - x(0))), y: 2, height: 10 }),
    cell.low < cell.high ? el("line", { x1: x(cell.low), x2: x(cell.high), y1: 7, y2: 7 }) : null));
  const range = (cell) => (cell.value === null || cell.low === cell.high ? "" : t("range", { low: number(cell.low, about(chosen.id).rounding), high: number(cell.high, about(chosen.id).rounding) }));
  return body("spread", table(["district", "value", "spread_bar", "status", "trust"].map((key) => t(key)), rows.map(([place, cell]) => ({
    class: place === chosen.place ? "here" : "",
    row: [placeLink(place),
      el("div", {}, isBare(cell.state) ? el("span", { class: `value ${cell.state}` }, cellText(cell)) : figure(cell.value, { indicator: chosen.id, place, period: chosen.period }), el("span", { class: "under" }, range(cell))),
      bar(cell), el("div", {}, badge(cell.state), el("span", { class: "under" }, (cell.reasons || []).map(reason).join(t("list")))), trustCell(cell)],
  }))));
}

function drawCharts() {
  drawMap();
  drawTrend();
}

part(open);
window.addEventListener("hashchange", open);
["id", "place", "period"].forEach((name) => by(name === "id" ? "indicator" : name).addEventListener("change", (event) => choose({ [name]: event.target.value })));
