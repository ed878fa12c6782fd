"use strict";
/* Districts: which indicator, place and period are looked at, the map's numbers, and the table of districts by indicators. */
const chosen = { indicator: null, place: EDITION.city.id, period: null };
const DAYS = [...new Set(Object.values(EDITION.series.day).flatMap((places) => Object.values(places).flatMap((line) => line.period)))].sort();
if (!DAYS.includes(EDITION.biz_date)) DAYS.push(EDITION.biz_date);
const MARKS = { provisional: "mark.provisional", stale: "mark.stale", withheld: "mark.withheld" };

/* Daily where the indicator has days, else the month of the day. */
const kindOf = (indicator) => (EDITION.series.day[indicator] ? "day" : "month");
const periodOf = (indicator, day) => (kindOf(indicator) === "day" ? day : day.slice(0, 7));

/* What the edition says of an indicator at a place and day. */
function cellOf(indicator, place, day) {
  const line = series(kindOf(indicator), indicator, place);
  const i = line ? line.period.indexOf(periodOf(indicator, day)) : -1;
  if (i < 0) return { value: null, state: "unknown", coverage: null, grade: null };
  return { value: line.value[i], state: line.state[i], coverage: line.coverage[i], grade: line.grade[i] };
}

const isDistrictwise = (indicator) => EDITION.districts.some((place) => series(kindOf(indicator), indicator, place));
const knownSomewhere = (indicator, day) => EDITION.districts.some((place) => cellOf(indicator, place, day).value !== null);

function latestKnown(indicator) {
  return [...DAYS].reverse().find((day) => day <= EDITION.biz_date && knownSomewhere(indicator, day));
}

/* Begin with the newest day that any district is known for by day, and a headline indicator known on it. */
function begin() {
  const order = [...EDITION.readings].sort((a, b) => isHeadline(b) - isHeadline(a)).map((each) => each.indicator);
  const spread = order.filter(isDistrictwise);
  const daily = spread.filter((each) => kindOf(each) === "day");
  chosen.period = daily.map(latestKnown).filter(Boolean).sort().pop() || EDITION.biz_date;
  chosen.indicator = daily.find((each) => knownSomewhere(each, chosen.period)) || spread[0] || order[0];
}

function cellText(indicator, place, day) {
  const cell = cellOf(indicator, place, day);
  if (cell.state === "withheld") return t("state.withheld");
  return cell.value === null ? UNKNOWN : `${number(cell.value, EDITION.indicators[indicator].rounding)} ${unit(EDITION.indicators[indicator].unit)}`.trim();
}

/* One sentence on a cell: what a pointer shows and a screen reader says. */
function cellStory(indicator, place, day) {
  const cell = cellOf(indicator, place, day);
  const parts = [placeName(place), say(EDITION.indicators[indicator].name), periodOf(indicator, day), cellText(indicator, place, day)];
  if (cell.state !== "withheld") parts.push(t(`state.${cell.state}`));
  if (cell.coverage !== null) parts.push(`${t("coverage")} ${share(cell.coverage)}`);
  if (cell.grade) parts.push(`${t("grade")} ${cell.grade}`);
  return parts.join(" · ");
}

function drawControls() {
  const groups = EDITION.elements.map((element) => [element, EDITION.readings.filter((each) => EDITION.indicators[each.indicator].element === element.id)]);
  by("indicator").replaceChildren(...groups.filter(([, members]) => members.length).map(([element, members]) =>
    el("optgroup", { label: say(element) }, members.map(({ indicator }) => el("option", { value: indicator }, say(EDITION.indicators[indicator].name))))));
  by("indicator").value = chosen.indicator;
  options(by("place"), [[EDITION.city.id, t("whole_city")], ...EDITION.districts.map((id) => [id, placeName(id)])], chosen.place);
  options(by("period"), [...DAYS].reverse().map((day) => [day, day]), chosen.period);
}

/* Districts down, headline indicators across; the whole city last, so that a column can be read against it. */
function drawMatrix() {
  const day = chosen.period;
  const columns = EDITION.readings.filter(isHeadline).map((each) => each.indicator).filter(isDistrictwise);
  by("matrix-title").textContent = t("matrix", { day });
  const head = (indicator) => el("th", { scope: "col" }, say(EDITION.indicators[indicator].name),
    el("small", {}, [unit(EDITION.indicators[indicator].unit), kindOf(indicator) === "month" ? periodOf(indicator, day) : ""].filter(Boolean).join(" · ")));
  const cell = (indicator, place) => {
    const { value, state } = cellOf(indicator, place, day);
    const shown = value === null ? UNKNOWN : number(value, EDITION.indicators[indicator].rounding);
    const exact = value === null ? {} : { "data-value": value, "data-indicator": indicator, "data-place": place, "data-period": periodOf(indicator, day) };
    return el("td", { class: `cell ${state}`, title: cellStory(indicator, place, day), ...exact }, shown,
      MARKS[state] ? el("sup", {}, el("span", { "aria-hidden": true }, t(MARKS[state])), el("span", { class: "unseen" }, t(`state.${state}`))) : null);
  };
  const row = (place, extra) => el("tr", { class: extra }, el("th", { scope: "row" }, placeName(place)), columns.map((indicator) => cell(indicator, place)));
  by("matrix").replaceChildren(el("table", { class: "matrix" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("district")), columns.map(head))),
    el("tbody", {}, EDITION.districts.map((place) => row(place, null)), row(EDITION.city.id, "total"))),
  el("p", { class: "note" }, t("marks")));
}

function drawDistricts() {
  drawMatrix();
  drawMap();
  drawTrend();
}

function choose(change) {
  Object.assign(chosen, change);
  drawControls();
  drawDistricts();
}

by("districts").hidden = !EDITION.readings.length;
if (EDITION.readings.length) {
  begin();
  ["indicator", "place", "period"].forEach((name) => by(name).addEventListener("change", () => choose({ [name]: by(name).value })));
  part(drawControls);
  part(drawDistricts);
}
