"use strict";
// Filters and orders the list of episodes, and dims the others on the map.
(function () {
  const form = document.querySelector(".filters");
  const list = document.getElementById("episodes");
  if (!form || !list) return;
  const items = [...list.children];
  const dots = new Map([...document.querySelectorAll(".swarm a")].map((dot) => [dot.dataset.slug, dot]));
  const orders = {
    new: (a, b) => items.indexOf(a) - items.indexOf(b),
    low: (a, b) => a.dataset.position - b.dataset.position,
    high: (a, b) => b.dataset.position - a.dataset.position,
    title: (a, b) => a.textContent.trim().localeCompare(b.textContent.trim()),
  };
  function apply() {
    const wanted = new FormData(form);
    let shown = 0;
    for (const item of items) {
      let fits = true;
      for (const key of ["source", "shelf", "band", "lens"]) {
        if (wanted.get(key) && item.dataset[key] !== wanted.get(key)) fits = false;
      }
      item.hidden = !fits;
      shown += fits;
      dots.get(item.dataset.slug)?.classList.toggle("dim", !fits);
    }
    list.append(...[...items].sort(orders[wanted.get("order")] ?? orders.new));
    form.querySelector(".count").textContent = shown === items.length ? "" : window.counterpointSay("of", { shown, all: items.length });
    const kept = new URLSearchParams([...wanted].filter(([key, value]) => value && !(key === "order" && value === "new")));
    history.replaceState(null, "", kept.size ? "?" + kept : location.pathname);
  }
  for (const [key, value] of new URLSearchParams(location.search)) {
    const field = form.elements[key];
    if (field && [...field.options].some((option) => option.value === value)) field.value = value;
  }
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  if (location.search) apply();
})();
