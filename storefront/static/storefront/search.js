// The search box with suggestions (ARIA combobox with a list) and the filters' drawer. Both are
// enhancements: without this file the box is a form and the filters stand below the results.
(() => {
  const root = document.documentElement;

  const combobox = (input) => {
    const form = input.form;
    const list = document.getElementById(input.getAttribute("aria-controls"));
    const status = document.getElementById(input.dataset.count || "suggest-count");
    const around = input.closest("[data-combobox]") || form;
    const address = () => input.dataset.suggest + (input.dataset.suggest.includes("?") ? "&" : "?");
    let at = -1, typed = input.value, asked = null, timer = 0, serial = 0;
    const options = () => [...list.querySelectorAll("[role=option]")];
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const show = () => {
      const found = options();
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      if (status) status.textContent = found.length ? status.dataset.some.replace("%s", found.length) : status.dataset.none;
    };
    const mark = (to) => {
      const found = options();
      found[at]?.setAttribute("aria-selected", "false");
      at = to;
      const option = found[at];
      if (!option) {
        at = -1;
        input.value = typed;
        return input.removeAttribute("aria-activedescendant");
      }
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
      input.value = option.dataset.text;
    };
    const choose = (option) => {
      if (option.dataset.href) return location.assign(option.dataset.href);
      if (!input.dispatchEvent(new CustomEvent("chosen", { cancelable: true, detail: option.dataset }))) {
        typed = "";
        return close();
      }
      input.value = typed = option.dataset.text;
      close();
    };
    const ask = async () => {
      const mine = ++serial;
      asked?.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(`${address()}q=${encodeURIComponent(input.value.trim())}`, { signal: asked.signal });
        if (!answer.ok || mine !== serial) return;
        list.innerHTML = await answer.text();
        at = -1;
        if (document.activeElement === input) show();
      } catch { /* a newer question, or no network: the form still works */ }
    };
    input.addEventListener("input", () => {
      typed = input.value;
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    input.addEventListener("focus", () => { typed = input.value; clearTimeout(timer); timer = setTimeout(ask, 60); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const open = !list.hidden, last = options().length - 1;
      if (event.key === "ArrowDown" && open) mark(at >= last ? -1 : at + 1);
      else if (event.key === "ArrowDown") ask();
      else if (event.key === "ArrowUp" && open) mark(at < 0 ? last : at - 1);
      else if (event.key === "Escape" && open) { input.value = typed; close(); }
      else if (event.key === "Enter" && open && at >= 0) choose(options()[at]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the box
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
    around.addEventListener("focusout", (event) => { if (!around.contains(event.relatedTarget)) close(); });
    form.addEventListener("submit", close);
  };

  // The drawer's state is a class on the root, so that it outlives the exchange of the results.
  const drawer = (open) => {
    const panel = document.getElementById("filters");
    if (!panel) return;
    root.classList.toggle("filters-open", open);
    (open ? panel.querySelector("input, a, button") : document.querySelector("[data-filters]"))?.focus();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-filters]")) { event.preventDefault(); drawer(true); }
    else if (event.target.closest("[data-filters-close]")) drawer(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("filters-open")) drawer(false);
  });

  // Addresses without empty parameters, with and without htmx.
  document.addEventListener("htmx:configRequest", (event) => {
    const { parameters, verb } = event.detail;
    if (verb !== "get" || !event.target.matches("[data-tidy]")) return;
    for (const [name, value] of [...parameters.entries()]) if (value === "") parameters.delete(name);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[role=search], [data-tidy]")) return;
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of event.target.elements) if (field.disabled) field.disabled = false; });
  });

  const ready = () => document.querySelectorAll("input[data-suggest]").forEach(combobox);
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", ready) : ready();
})();
