// Shows the routes and records that have all the words that are typed, and opens the contents where they stand.
"use strict";
(() => {
  const input = document.getElementById("search"), found = document.getElementById("found");
  const routes = [...document.querySelectorAll("main section.route")];
  const texts = routes.map((route) => route.textContent.toLowerCase());
  const links = new Map([...document.querySelectorAll("nav ul ul a")].map((a) => [a.hash.slice(1), a.parentElement]));
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    routes.forEach((route, i) => {
      const fits = words.every((word) => texts[i].includes(word));
      route.hidden = !fits;
      if (links.has(route.id)) links.get(route.id).hidden = !fits;
      if (fits) count++;
    });
    document.querySelectorAll("nav details").forEach((part) => {
      part.open = words.length > 0 && part.querySelector("li:not([hidden])") !== null;
    });
    found.textContent = words.length ? `${count} found` : "";
  });
})();
