"use strict";
/* The map and the trend, drawn by ECharts as SVG so that they print sharp. Colour is never alone: every region carries its number. */
const SHADES = ["#eef3f8", "#cfdfee", "#a9c6e0", "#7fa9d0", "#5a8fc2"];
const INK = "#1b2733";
const FAINT = "#8a97a5";
const drawn = {};

function chart(id) {
  if (!window.echarts) {
    by(id).textContent = t("no_charts");
    return null;
  }
  drawn[id] = drawn[id] || echarts.init(by(id), null, { renderer: "svg" });
  return drawn[id];
}

/* Tooltips are elements, never markup made of delivered names. */
const tip = (lines) => el("div", { class: "tip" }, lines.filter(Boolean).map((line) => el("div", {}, line)));

function everyPoint(coordinates, visit) {
  if (typeof coordinates[0] === "number") visit(coordinates);
  else coordinates.forEach((each) => everyPoint(each, visit));
}

/* Width of a degree of longitude against one of latitude, in the middle of the map. */
function aspect() {
  let [low, high] = [90, -90];
  EDITION.geometry.features.forEach((feature) => everyPoint(feature.geometry.coordinates, ([, y]) => { low = Math.min(low, y); high = Math.max(high, y); }));
  return Math.cos((((low + high) / 2) * Math.PI) / 180);
}

const HATCH = { symbol: "rect", color: "rgba(27,39,51,0.35)", dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 };

function region(id) {
  const { value, state } = cellOf(chosen.indicator, id, chosen.period);
  const dashed = state === "final" ? {} : { borderType: "dashed", borderColor: "#6b7785", borderWidth: 1.4 };
  const bare = value === null ? { areaColor: "#f3f3f0" } : {};
  const decal = state === "stale" || state === "withheld" ? { decal: HATCH } : {};
  return { name: id, value: value === null ? NaN : value, itemStyle: { ...dashed, ...bare, ...decal } };
}

function mapLabel({ name }) {
  const { value, state } = cellOf(chosen.indicator, name, chosen.period);
  const shown = value === null ? UNKNOWN : number(value, EDITION.indicators[chosen.indicator].rounding);
  const [called, most] = [placeName(name), 14];
  return `${called.length > most ? `${called.slice(0, most - 1)}…` : called}\n${shown}${MARKS[state] ? ` ${t(MARKS[state])}` : ""}`;
}

function mapScale(values) {
  const { rounding } = EDITION.indicators[chosen.indicator];
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  return {
    type: "continuous", min: low, max: high === low ? low + 1 : high, show: values.length > 1 && high > low, calculable: false, orient: "horizontal",
    left: "center", bottom: 0, itemWidth: 10, itemHeight: 140, text: [number(high, rounding), number(low, rounding)],
    textStyle: { color: INK }, inRange: { color: SHADES },
  };
}

function mapOption() {
  const data = EDITION.geometry.features.map((feature) => region(feature.properties.id));
  return {
    animation: false,
    tooltip: { trigger: "item", confine: true, formatter: ({ name }) => (name ? tip(cellStory(chosen.indicator, name, chosen.period).split(" · ")) : "") },
    visualMap: mapScale(data.map((each) => each.value).filter(Number.isFinite)),
    series: [{
      type: "map", map: "city", nameProperty: "id", aspectScale: aspect(), selectedMode: false, layoutCenter: ["50%", "46%"], data,
      left: 8, right: 8, top: 8, bottom: 34, itemStyle: { areaColor: "#f3f3f0", borderColor: "#ffffff", borderWidth: 1.2 },
      label: { show: true, formatter: mapLabel, color: INK, fontSize: 12, lineHeight: 16, textBorderColor: "#ffffff", textBorderWidth: 3 },
      labelLayout: { hideOverlap: true }, emphasis: { label: { color: INK }, itemStyle: { areaColor: "#f0c66e" } },
    }],
  };
}

/* Why the map is empty, and the way to a day that is not. */
function mapNote() {
  const { indicator, period } = chosen;
  if (!isDistrictwise(indicator)) return [t("city_only")];
  if (knownSomewhere(indicator, period)) return [t("map_hint")];
  const latest = latestKnown(indicator);
  if (!latest) return [t("nothing_known")];
  return [t("nothing_that_day", { day: periodOf(indicator, period) }), el("button", { type: "button", class: "more", onclick: () => choose({ period: latest }) }, t("go_to", { day: periodOf(indicator, latest) }))];
}

function drawMap() {
  const name = say(EDITION.indicators[chosen.indicator].name);
  by("map-title").textContent = [name, unit(EDITION.indicators[chosen.indicator].unit), periodOf(chosen.indicator, chosen.period)].filter(Boolean).join(" · ");
  by("map-note").replaceChildren(...mapNote());
  by("map").setAttribute("aria-label", EDITION.districts.map((id) => `${placeName(id)} ${cellText(chosen.indicator, id, chosen.period)}`).join(t("list")));
  if (!EDITION.geometry.features.length) {
    by("map").textContent = t("no_geometry");
    return;
  }
  const map = chart("map");
  if (!map) return;
  if (!echarts.getMap("city")) {
    echarts.registerMap("city", EDITION.geometry);
    map.on("click", ({ name: id }) => id && choose({ place: id }));
  }
  map.setOption(mapOption(), true);
  scale("map");
}

const CIRCLE = { final: "circle", provisional: "emptyCircle", stale: "emptyDiamond" };

/* Known values joined; stale ones apart and unjoined: they are not measurements of their day. */
function trendSeries(place, colour, width) {
  const kind = kindOf(chosen.indicator);
  const line = series(kind, chosen.indicator, place) || { period: [], value: [], state: [] };
  const point = (i, keep) => (line.value[i] !== null && keep(line.state[i]) ? { value: [line.period[i], line.value[i]], symbol: CIRCLE[line.state[i]], symbolSize: kind === "month" ? 9 : 5 } : { value: [line.period[i], null] });
  const shared = { type: "line", connectNulls: false, showSymbol: true, showAllSymbol: true, itemStyle: { color: colour } };
  return [
    { ...shared, name: placeName(place), lineStyle: { color: colour, width }, data: line.period.map((_, i) => point(i, (state) => state !== "stale")) },
    { ...shared, name: `${placeName(place)} ${t("state.stale")}`, lineStyle: { width: 0 }, symbolSize: 8, data: line.period.map((_, i) => ({ ...point(i, (state) => state === "stale"), symbolSize: 8 })) },
  ];
}

/* A possible range may be far wider than what was ever measured: it is drawn as far as the values themselves reach, and as much again. */
function band(place) {
  const line = series(kindOf(chosen.indicator), chosen.indicator, place);
  if (!line || !line.low.some((low, i) => low !== null && low < line.high[i])) return [];
  const known = line.value.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const reach = Math.max(most - least, Math.abs(most) / 4, Number.MIN_VALUE);
  const within = (value) => Math.min(Math.max(value, least - reach), most + reach);
  const edge = (values, style) => ({ type: "line", stack: "band", stackStrategy: "all", name: t("band"), symbol: "none", silent: true, lineStyle: { opacity: 0 }, areaStyle: style, data: values });
  const whole = line.low.map((low, i) => low !== null && line.high[i] !== null && line.value[i] !== null && line.state[i] !== "stale");
  return [edge(line.period.map((day, i) => [day, whole[i] ? within(line.low[i]) : null]), { opacity: 0 }),
    edge(line.period.map((day, i) => [day, whole[i] ? within(line.high[i]) - within(line.low[i]) : null]), { color: "#1f5c99", opacity: 0.12 })];
}

/* Every day of the window stands on the axis, the ones nobody reported too. */
function axis() {
  if (kindOf(chosen.indicator) === "day") return DAYS;
  return [...new Set(Object.values(EDITION.series.month[chosen.indicator] || {}).flatMap((line) => line.period))].sort();
}

function trendOption() {
  const { target, rounding } = EDITION.indicators[chosen.indicator];
  const places = chosen.place === EDITION.city.id ? [] : [[chosen.place, "#b3541e", 2]];
  const lines = [[EDITION.city.id, "#1f5c99", 2.4], ...places];
  const all = [...band(chosen.place), ...lines.flatMap((each) => trendSeries(...each))];
  if (typeof target === "number") {
    all.push({ type: "line", name: t("target"), data: axis().map((day) => [day, target]), symbol: "none", lineStyle: { type: "dashed", color: "#3f6b3a", width: 1.4 }, itemStyle: { color: "#3f6b3a" } });
  }
  const shown = [...lines.map(([place]) => placeName(place)), ...(typeof target === "number" ? [t("target")] : [])];
  return {
    animation: false, textStyle: { color: INK }, grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    legend: { data: shown, top: 0, textStyle: { color: INK }, selectedMode: false },
    tooltip: { trigger: "axis", confine: true, formatter: (points) => tip([points[0].axisValue, ...lines.map(([place]) => `${placeName(place)} ${trendStory(place, points[0].axisValue)}`)]) },
    xAxis: { type: "category", data: axis(), axisLabel: { color: INK, formatter: (day) => (day.length > 7 ? day.slice(5) : day), hideOverlap: true }, axisLine: { lineStyle: { color: FAINT } } },
    yAxis: { type: "value", scale: true, axisLabel: { color: INK, formatter: (value) => number(value, rounding === null ? null : Math.min(rounding, Number.isInteger(value) ? 0 : rounding)) }, splitLine: { lineStyle: { color: "#e3e7eb" } } },
    series: all,
  };
}

const trendStory = (place, period) => {
  const { state } = cellOf(chosen.indicator, place, period);
  return `${cellText(chosen.indicator, place, period)}${state === "final" || state === "withheld" || state === "unknown" ? "" : ` (${t(`state.${state}`)})`}`;
};

function drawTrend() {
  const { indicator, place } = chosen;
  by("trend-title").textContent = [say(EDITION.indicators[indicator].name), unit(EDITION.indicators[indicator].unit), placeName(place)].filter(Boolean).join(" · ");
  const known = axis().filter((period) => cellOf(indicator, place, period).value !== null);
  by("trend").setAttribute("aria-label", `${by("trend-title").textContent}. ${t("trend_aria", { n: known.length })}`);
  by("trend-data").querySelector("div").replaceChildren(table([t("period"), placeName(place), t("coverage"), t("grade")], [...axis()].reverse().map((period) => {
    const { coverage, grade } = cellOf(indicator, place, period);
    return { row: [period, trendStory(place, period), share(coverage), grade || UNKNOWN] };
  })));
  const trend = chart("trend");
  if (!trend) return;
  trend.setOption(trendOption(), true);
  scale("trend");
}

/* On paper the style sheet scales the drawing, which needs a viewBox for it. */
function scale(id) {
  const drawing = by(id).querySelector("svg");
  if (drawing) drawing.setAttribute("viewBox", `0 0 ${drawn[id].getWidth()} ${drawn[id].getHeight()}`);
}

function resize() {
  Object.entries(drawn).forEach(([id, each]) => {
    each.resize();
    scale(id);
  });
}
window.addEventListener("resize", resize);
