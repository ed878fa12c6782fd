"use strict";
/* The map and the trend, drawn by ECharts as SVG so that they print sharp. Colour is never alone: every region carries its number or its word. */
const ECHARTS = "assets/echarts-6.1.0.min.js";
const SHADES = ["#eef3f8", "#cfdfee", "#a9c6e0", "#7fa9d0", "#5a8fc2"];
const INK = "#1b2733";
const FAINT = "#8a97a5";
const drawn = {};

/* Sizes of the drawings follow those of the page's letters: a wall is read from afar. */
const em = (size) => (size * parseFloat(getComputedStyle(document.documentElement).fontSize)) / 16;

function chart(id) {
  drawn[id] = drawn[id] || echarts.init(by(id), null, { renderer: "svg" });
  return drawn[id];
}

/* Tooltips are elements, never markup made of delivered names. */
const tip = (lines) => el("div", { class: "tip" }, lines.filter(Boolean).map((text) => el("div", {}, text)));

function everyPoint(coordinates, visit) {
  if (typeof coordinates[0] === "number") visit(coordinates);
  else coordinates.forEach((each) => everyPoint(each, visit));
}

/* Width of a degree of longitude against one of latitude, in the middle of the map. */
function aspect() {
  let [low, high] = [90, -90];
  DATA.map.features.forEach((feature) => everyPoint(feature.geometry.coordinates, ([, y]) => { low = Math.min(low, y); high = Math.max(high, y); }));
  return Math.cos((((low + high) / 2) * Math.PI) / 180);
}

const HATCH = { symbol: "rect", color: "rgba(27,39,51,0.35)", dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 };

/* The city's own polygons: `fill` and `label` say how a place is drawn, `scaled` its colours where it has numbers. */
function geometry(id, fill, label, scaled, onclick) {
  if (!DATA.map.features.length) {
    by(id).textContent = t("no_geometry");
    return;
  }
  const map = chart(id);
  if (!echarts.getMap("city")) echarts.registerMap("city", DATA.map);
  map.off("click");
  map.on("click", ({ name }) => name && onclick(name));
  const data = DATA.map.features.map(({ properties }) => ({ name: properties.id, value: NaN, ...fill(properties.id) }));
  const few = data.length <= 40;
  map.setOption({
    animation: false,
    tooltip: { trigger: "item", confine: true, formatter: ({ name }) => (name ? tip(label(name).split("\n")) : "") },
    ...(scaled ? { visualMap: { type: "continuous", seriesIndex: 0, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemWidth: em(10), itemHeight: em(140), textStyle: { color: INK, fontSize: em(12) }, inRange: { color: SHADES }, ...scaled } } : {}),
    series: [{
      type: "map", map: "city", nameProperty: "id", aspectScale: aspect(), selectedMode: false, data,
      left: 8, right: 8, top: 8, bottom: scaled ? em(34) : 8, itemStyle: { areaColor: "#f3f3f0", borderColor: few ? "#ffffff" : "#8a97a5", borderWidth: few ? 1.2 : 0.6 },
      label: { show: true, formatter: ({ name }) => label(name), color: INK, fontSize: em(12), lineHeight: em(16), textBorderColor: "#ffffff", textBorderWidth: 3 },
      labelLayout: { hideOverlap: true }, emphasis: { label: { color: INK }, itemStyle: { areaColor: "#f0c66e" } },
    }],
  }, true);
  scale(id);
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
