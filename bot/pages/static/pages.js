"use strict";
// Shared by all pages: what needs scripts is shown, arcs and maps are walked with arrow keys, search answers as one types.
document.documentElement.classList.add("has-script");
// Sentences come from words.js, in the language of the pages; those about a number have a form for each plural category.
window.counterpointSay = function (key, fields) {
  const given = fields ?? {};
  return window.counterpointWords[key].replace(/\{(\w+)\}/g, (_, name) => given[name]);
};
window.counterpointCount = function (key, n) {
  const category = new Intl.PluralRules(document.documentElement.lang).select(n);
  return window.counterpointSay(`${key}.${category}` in window.counterpointWords ? `${key}.${category}` : `${key}.other`, { n });
};
for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;

// One stop for the tab key in each drawing; the arrow keys go on from there.
for (const drawing of document.querySelectorAll("svg.arc, svg.swarm")) {
  const stops = [...drawing.querySelectorAll("a")];
  drawing.addEventListener("keydown", (event) => {
    const at = stops.indexOf(document.activeElement);
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -stops.length, End: stops.length };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = stops[Math.max(0, Math.min(stops.length - 1, at + steps[event.key]))];
    stops[at].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}

(function suggest() {
  const field = document.getElementById("q");
  const up = document.body.dataset.up;
  const results = document.getElementById("results");
  let box = results;
  let asked = 0;
  let timer = 0;
  let loading = null;
  function engine() {
    // A server answers with the part of the page; files are searched by search.js, which is fetched when first needed.
    if (document.body.dataset.live === "yes") {
      return Promise.resolve(async (query) => {
        const answer = await fetch(up + "results.html?q=" + encodeURIComponent(query));
        return new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes;
      });
    }
    loading ??= new Promise((resolve, reject) => {
      if (window.counterpointSearch) return resolve(window.counterpointSearch);
      const script = document.createElement("script");
      script.src = up + "static/search.js";
      script.onload = () => resolve(window.counterpointSearch);
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  }
  async function ask() {
    const query = field.value;
    const number = ++asked;
    if (query.trim().length < 2) {
      if (box !== results) box?.remove();
      return;
    }
    let parts;
    try {
      parts = await (await engine())(query, up);
    } catch {
      const told = document.createElement("p");
      told.className = "problem";
      told.textContent = window.counterpointSay("unreachable");
      parts = [told];
    }
    if (number !== asked) return;
    if (!box || (box !== results && !box.isConnected)) {
      box = document.createElement("div");
      box.className = "suggest";
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", window.counterpointSay("typing"));
      box.setAttribute("aria-live", "polite");
      document.querySelector("header.site").after(box);
    }
    box.replaceChildren(...parts);
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box && box !== results) box.remove();
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    }
  });
  const given = new URLSearchParams(location.search).get("q");
  if (results && given && document.body.dataset.live !== "yes") {
    field.value = given;
    ask();
  }
})();
