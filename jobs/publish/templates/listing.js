"use strict";
/* The page of an element, or of a district: its alerts, and every indicator. */
const KIND = document.body.dataset.page;

/* Elements, or places: what a page of this kind can be about. */
const members = () => (KIND === "element" ? EDITION.elements.map((each, file) => ({ id: each.id, name: say(each), file: `element-${file}`, told: each }))
  : Object.entries(EDITION.places).map(([id, { file }]) => ({ id, name: placeName(id), file: `place-${file}`, told: EDITION.districts.find((each) => each.id === id) })).sort((a, b) => Number(a.file.slice(6)) - Number(b.file.slice(6))));

function drawListing() {
  const all = members();
  const shown = all.find((each) => each.id === wanted().get("id")) || all[0];
  if (!shown) return;
  const place = KIND === "element" ? EDITION.city.id : shown.id;
  by("kicker").textContent = `${say(EDITION.city.name)} · ${t(KIND === "element" ? "element" : "district")}`;
  by("title").textContent = shown.name;
  document.title = `${shown.name} · ${say(EDITION.city.name)} · ${EDITION.biz_date}`;
  by("footer").textContent = t("footer");
  by("dates").replaceChildren(el("strong", {}, t("biz_date"), " ", el("time", { datetime: EDITION.biz_date }, EDITION.biz_date)));
  by("legend").replaceChildren(...legend());
  by("others").replaceChildren(...all.filter((each) => each !== shown).flatMap((each, i) => [i ? " · " : "", el("a", { href: address(KIND, { id: each.id }) }, each.name)]));
  load(shown.file).then((found) => {
    if (!found || shown.file !== (members().find((each) => each.id === wanted().get("id")) || all[0]).file) return;
    drawAlerts(found.alerts, found.in_all, EDITION.elements.some((each) => each.watched && (KIND !== "element" || each.id === shown.id)));
    body("headlines", found.readings.length ? readingsTable(found.readings, place) : none("silent_here"));
    const n = (state) => found.readings.filter((each) => each.state === state).length;
    by("glance").replaceChildren(...STATES.map((state) => el("li", {}, el("a", { href: "#headlines", class: `tile ${state}`, onclick: (event) => { event.preventDefault(); by("headlines").scrollIntoView(); } }, el("b", {}, count(n(state))), el("span", {}, t(`state.${state}`))))));
  });
}

part(drawListing);
window.addEventListener("hashchange", drawListing);
