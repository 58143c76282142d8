// A field of lines becomes a search box with what was chosen below it. The lines are what is sent,
// so without this file they are written by hand. Needs search.js after it.
(() => {
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const picker = (area) => {
    const { pick, add, out, up, some, none } = area.dataset;
    const key = area.id;
    const list = element("ul", { class: "suggest", id: `${key}_found`, role: "listbox", "aria-label": add });
    const status = element("span", { class: "sr", role: "status", id: `${key}_count`, "data-some": some, "data-none": none });
    list.hidden = true;
    const input = element("input", {
      type: "search", id: `${key}_search`, placeholder: add, autocomplete: "off", role: "combobox",
      "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id,
      "data-count": status.id, "data-suggest": pick,
    });
    for (const name of ["aria-describedby", "aria-invalid"]) if (area.hasAttribute(name)) input.setAttribute(name, area.getAttribute(name));
    const hint = document.getElementById(`${key}_hint`); // says how lines are written
    if (hint) hint.hidden = true;
    const chosen = element("ul", { class: "picked" });
    const kind = () => area.form.elements[area.dataset.kindOf]?.value || area.dataset.kind;
    const aim = () => { input.dataset.suggest = `${pick}?kind=${kind().replace(/s$/, "")}`; };

    const lines = () => area.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const keep = (now) => { area.value = [...new Set(now)].join("\n"); draw(); };
    const named = (line) => line.match(/^[a-z]{3}_\w+ (.+)$/)?.[1] || line;
    const button = (told, name, sign, act) => {
      const made = element("button", { type: "button", class: "button plain small", "aria-label": told.replace("%s", name) }, sign);
      made.addEventListener("click", act);
      return made;
    };
    const draw = () => chosen.replaceChildren(...lines().map((line, at, all) => {
      const name = named(line);
      const row = element("li", { class: "row between" }, element("span", { class: "clip" }, name));
      const acts = element("span", { class: "row" });
      if (up && at) acts.append(button(up, name, "↑", () => { all.splice(at - 1, 0, ...all.splice(at, 1)); keep(all); }));
      acts.append(button(out, name, "×", () => { all.splice(at, 1); keep(all); input.focus(); }));
      row.append(acts);
      return row;
    }));

    input.addEventListener("chosen", (event) => {
      event.preventDefault();
      keep([...lines(), event.detail.line]);
      input.value = "";
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || input.getAttribute("aria-activedescendant")) return;
      event.preventDefault(); // a number or an address, as it is
      event.stopImmediatePropagation();
      if (input.value.trim()) keep([...lines(), input.value.trim()]);
      input.value = "";
    });
    area.form.elements[area.dataset.kindOf]?.addEventListener?.("change", () => { keep([]); aim(); });
    const label = document.querySelector(`label[for="${key}"]`);
    area.setAttribute("aria-label", label?.firstChild.textContent.trim() || add);
    label?.setAttribute("for", input.id);
    area.hidden = true;
    area.after(element("div", { class: "combo", "data-combobox": "" }, input, list, status), chosen);
    aim();
    draw();
  };

  document.querySelectorAll("textarea[data-pick]").forEach(picker);
})();
