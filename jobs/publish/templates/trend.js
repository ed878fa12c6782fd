"use strict";
/* The map of an indicator's values, and its last days. */
function region(id) {
  const { value, state } = cellOf(id, chosen.period);
  const dashed = state === "final" ? {} : { borderType: "dashed", borderColor: "#6b7785", borderWidth: 1.4 };
  const bare = value === null ? { areaColor: "#f3f3f0" } : {};
  const decal = state === "stale" || state === "withheld" ? { decal: HATCH } : {};
  return { value: value === null ? NaN : value, itemStyle: { ...dashed, ...bare, ...decal } };
}

function regionLabel(id) {
  const { value, state } = cellOf(id, chosen.period);
  const [called, most] = [placeName(id), 14];
  const shown = value === null ? UNKNOWN : number(value, about(chosen.id).rounding);
  return `${called.length > most ? `${called.slice(0, most - 1)}…` : called}\n${shown}${has(`mark.${state}`) ? ` ${t(`mark.${state}`)}` : ""}`;
}

/* Why the map is empty, and the way to a period that is not. */
function mapNote() {
  if (!inDistricts().length) return [t("city_only")];
  const known = (period) => inDistricts().some((place) => cellOf(place, period).value !== null);
  if (known(chosen.period)) return [t("map_hint"), " ", t("marks")];
  const latest = [...axis()].reverse().find(known);
  if (!latest) return [t("nothing_known")];
  return [t("nothing_that_day", { day: chosen.period }), el("button", { type: "button", class: "more", onclick: () => choose({ period: latest }) }, t("go_to", { day: latest }))];
}

function drawMap() {
  const { rounding } = about(chosen.id);
  by("map-title").textContent = [nameOf(chosen.id), unitOf(chosen.id), chosen.period].filter(Boolean).join(" · ");
  by("map-note").replaceChildren(...mapNote());
  by("map").setAttribute("aria-label", inDistricts().map((id) => `${placeName(id)} ${cellStory(cellOf(id, chosen.period))}`).join(t("list")) || t("city_only"));
  if (!DATA.map || !window.echarts) {
    by("map").textContent = t("no_charts");
    return;
  }
  const values = DATA.map.features.map(({ properties }) => cellOf(properties.id, chosen.period).value).filter((value) => value !== null);
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const scaled = { min: low, max: high === low ? low + 1 : high, show: values.length > 1 && high > low, text: [number(high, rounding), number(low, rounding)] };
  geometry("map", region, regionLabel, scaled, (place) => choose({ place }));
}

const CIRCLE = { final: "circle", provisional: "emptyCircle", stale: "emptyDiamond" };

/* Known values joined; stale ones apart and unjoined: they are not measurements of their day. */
function trendSeries(place, colour, width) {
  const cells = axis().map((period) => [period, cellOf(place, period)]);
  const size = em(kindOf() === "month" ? 9 : 5);
  const point = ([period, { value, state }], keep) => (value !== null && keep(state) ? { value: [period, value], symbol: CIRCLE[state], symbolSize: state === "stale" ? em(8) : size } : { value: [period, null] });
  const shared = { type: "line", connectNulls: false, showSymbol: true, showAllSymbol: true, itemStyle: { color: colour } };
  return [
    { ...shared, name: placeName(place), lineStyle: { color: colour, width }, data: cells.map((each) => point(each, (state) => state !== "stale")) },
    { ...shared, name: `${placeName(place)} ${t("state.stale")}`, lineStyle: { width: 0 }, data: cells.map((each) => point(each, (state) => state === "stale")) },
  ];
}

/* A possible range may be far wider than what was ever measured: it is drawn as far as the values themselves reach, and as much again. */
function band(place) {
  const cells = axis().map((period) => [period, cellOf(place, period)]);
  const known = cells.map(([, { value }]) => value).filter((value) => value !== null);
  if (!cells.some(([, { low, high }]) => low < high)) return [];
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const reach = Math.max(most - least, Math.abs(most) / 4, Number.MIN_VALUE);
  const within = (value) => Math.min(Math.max(value, least - reach), most + reach);
  const whole = ({ value, low, high, state }) => value !== null && low !== null && high !== null && state !== "stale";
  const edge = (of, style) => ({ type: "line", stack: "band", stackStrategy: "all", name: t("band"), symbol: "none", silent: true, lineStyle: { opacity: 0 }, areaStyle: style, data: cells.map(([period, cell]) => [period, whole(cell) ? of(cell) : null]) });
  return [edge(({ low }) => within(low), { opacity: 0 }), edge(({ low, high }) => within(high) - within(low), { color: "#1f5c99", opacity: 0.12 })];
}

/* Target and thresholds as lines across; those far from every value are named on the page and not drawn. */
function marks(known) {
  const { target, levels } = told.about;
  const reach = [Math.min(...known), Math.max(...known)];
  const near = (bound) => known.length && bound >= reach[0] - (reach[1] - reach[0]) * 2 - Math.abs(reach[0]) / 2 && bound <= reach[1] + (reach[1] - reach[0]) * 2 + Math.abs(reach[1]) / 2;
  const lines = [...(typeof target === "number" ? [[t("target"), target, "#3f6b3a"]] : []), ...levels.map(({ colour, bound }) => [t(`colour.${colour}`), bound, { red: "#c62828", orange: "#ef7d1a", yellow: "#b08c00", blue: "#3f7fc4" }[colour]])];
  return lines.filter(([, bound]) => near(bound)).map(([name, bound, colour]) => ({ type: "line", name, symbol: "none", data: axis().map((period) => [period, bound]), lineStyle: { type: "dashed", color: colour, width: 1.4 }, itemStyle: { color: colour } }));
}

/* Breaks of the indicator and of the place looked at, in the period they lie in. */
const breaksOf = (place, period) => told.breaks.filter((each) => (each.place === null || each.place === place) && each.day.startsWith(period));
const breakText = ({ kind, detail }) => `${code("break", kind)} ${detail}`;

/* Upright lines where a series breaks, each with a word. */
function breakMarks(place) {
  const data = axis().flatMap((period) => {
    const found = [...new Set(breaksOf(place, period).map(({ kind }) => code("break", kind)))];
    return found.length ? [{ xAxis: period, label: { formatter: found.join(t("list")) } }] : [];
  });
  const style = { symbol: "none", silent: true, lineStyle: { type: "dotted", color: INK, width: 1.5 }, label: { position: "insideEnd", rotate: 0, color: INK, backgroundColor: "#fff", padding: 2, fontSize: em(11) } };
  return data.length ? [{ type: "line", name: t("break"), data: [], markLine: { animation: false, ...style, data } }] : [];
}

function trendOption() {
  const { rounding } = about(chosen.id);
  const lines = [[EDITION.city.id, "#1f5c99", 2.4], ...(chosen.place === EDITION.city.id ? [] : [[chosen.place, "#b3541e", 2]])];
  const known = lines.flatMap(([place]) => axis().map((period) => cellOf(place, period).value)).filter((value) => value !== null);
  const across = marks(known);
  return {
    animation: false, textStyle: { color: INK, fontSize: em(12) }, grid: { left: 8, right: 16, top: em(36), bottom: 8, containLabel: true },
    legend: { data: [...lines.map(([place]) => placeName(place)), ...across.map(({ name }) => name)], top: 0, textStyle: { color: INK, fontSize: em(12) }, selectedMode: false },
    tooltip: { trigger: "axis", confine: true, formatter: (points) => tip([points[0].axisValue, ...lines.map(([place]) => `${placeName(place)} ${cellStory(cellOf(place, points[0].axisValue))}`), ...breaksOf(chosen.place, points[0].axisValue).map(breakText)]) },
    xAxis: { type: "category", data: axis(), axisLabel: { color: INK, fontSize: em(12), formatter: (day) => (day.length > 7 ? day.slice(5) : day), hideOverlap: true }, axisLine: { lineStyle: { color: FAINT } } },
    yAxis: { type: "value", scale: true, axisLabel: { color: INK, fontSize: em(12), formatter: (value) => number(value, rounding === null ? null : Math.min(rounding, Number.isInteger(value) ? 0 : rounding)) }, splitLine: { lineStyle: { color: "#e3e7eb" } } },
    series: [...band(chosen.place), ...lines.flatMap((each) => trendSeries(...each)), ...across, ...breakMarks(chosen.place)],
  };
}

function drawTrend() {
  const { id, place } = chosen;
  by("trend-title").textContent = [nameOf(id), unitOf(id), placeName(place)].filter(Boolean).join(" · ");
  const known = axis().filter((period) => cellOf(place, period).value !== null);
  by("trend").setAttribute("aria-label", `${by("trend-title").textContent}. ${[t("trend_aria", { n: known.length }), ...axis().flatMap((period) => breaksOf(place, period).map((each) => `${period} ${breakText(each)}`))].join(t("list"))}`);
  by("trend-data").querySelector("div").replaceChildren(table([t("period"), placeName(place), t("coverage"), t("grade")], [...axis()].reverse().map((period) => {
    const cell = cellOf(place, period);
    const shown = cell.value === null ? cellText(cell) : figure(cell.value, { indicator: id, place, period });
    const broken = breaksOf(place, period).map((each) => el("span", { class: "under break" }, `${t("break")}${t("colon")}${breakText(each)}`));
    return { row: [el("div", {}, period, broken), el("span", {}, shown, cell.missing ? "" : ` ${t(`state.${cell.state}`)}`), share(cell.coverage), cell.grade || UNKNOWN] };
  })));
  if (!window.echarts) {
    by("trend").textContent = t("no_charts");
    return;
  }
  chart("trend").setOption(trendOption(), true);
  scale("trend");
}
