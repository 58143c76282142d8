// Enhancements only: every page works without this file.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`qc_zone=${zone}`)) document.cookie = `qc_zone=${zone};path=/;max-age=31536000;samesite=lax`;

  const ready = () => {
    document.querySelector("[data-focus]")?.focus();
    document.querySelectorAll("[data-toast]").forEach((toast) => {
      if (!toast.classList.contains("tone-bad")) setTimeout(() => toast.remove(), 9000);
    });
    clocks();
    columns();
    if ("serviceWorker" in navigator) {
      const manifest = document.querySelector("link[rel=manifest]");
      if (manifest) navigator.serviceWorker.register(new URL("sw.js", manifest.href)).catch(() => {});
    }
  };

  // Times that go on by themselves: the server's clock and countdowns.
  const clocks = () => {
    const all = [...document.querySelectorAll("[data-clock]")];
    if (!all.length) return;
    const began = performance.now();
    const base = all.map((el) => Number(el.dataset.clock) * 1000);
    const show = () => all.forEach((el, i) => {
      const at = new Date(base[i] + performance.now() - began);
      el.textContent = at.toLocaleTimeString(root.lang, { hour12: false });
    });
    show();
    setInterval(show, 1000);
  };

  // Which columns of a table are shown, remembered on this device.
  const columns = () => document.querySelectorAll("[data-columns]").forEach((box) => {
    const table = document.getElementById(box.dataset.columns);
    if (!table) return;
    const key = `columns:${location.pathname}:${table.id}`;
    const hidden = new Set(JSON.parse(localStorage.getItem(key) || "[]"));
    const heads = [...table.tHead.rows[0].cells];
    const apply = () => [...table.rows].forEach((row) => [...row.cells].forEach((cell, i) => { cell.hidden = hidden.has(i); }));
    heads.forEach((head, i) => {
      const name = head.textContent.trim();
      if (i === 0 || !name) return;
      const label = document.createElement("label");
      label.className = "check";
      const input = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(i) });
      input.addEventListener("change", () => {
        input.checked ? hidden.delete(i) : hidden.add(i);
        localStorage.setItem(key, JSON.stringify([...hidden]));
        apply();
      });
      label.append(input, name);
      box.append(label);
    });
    apply();
  });

  // Command palette: the page's own navigation, and any public id.
  const palette = () => {
    const dialog = document.getElementById("palette");
    if (!dialog || dialog.open) return;
    const [input, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
    const links = [...document.querySelectorAll(".desk-nav a, [data-command]")].map((a) => ({ name: a.textContent.trim(), href: a.href }));
    let at = 0;
    const draw = () => {
      const words = input.value.trim().toLowerCase();
      const found = links.filter((l) => l.name.toLowerCase().includes(words));
      const search = document.querySelector("[data-lookup]")?.dataset.lookup;
      if (words && search) found.push({ name: `“${input.value.trim()}”`, href: search + encodeURIComponent(input.value.trim()) });
      at = Math.min(at, Math.max(found.length - 1, 0));
      list.replaceChildren(...found.map((l, i) => {
        const li = document.createElement("li");
        const a = Object.assign(document.createElement("a"), { href: l.href, textContent: l.name });
        if (i === at) li.className = "at";
        li.append(a);
        return li;
      }));
      list.querySelector(".at")?.scrollIntoView({ block: "nearest" });
    };
    input.value = "";
    input.oninput = () => { at = 0; draw(); };
    input.onkeydown = (event) => {
      if (event.key === "ArrowDown") at += 1;
      else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
      else if (event.key === "Enter") { event.preventDefault(); list.querySelector(".at a")?.click(); return; }
      else return;
      event.preventDefault();
      draw();
    };
    draw();
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let el;
    if ((el = on("[data-close]"))) el.closest("[data-toast], dialog")?.[el.closest("dialog") ? "close" : "remove"]();
    if (on("[data-palette]")) palette();
    if ((el = on("[data-panel]"))) { event.preventDefault(); document.getElementById(el.dataset.panel)?.showModal(); }
    if (event.target.nodeName === "DIALOG") event.target.close();
    if ((el = on("[data-toggle]"))) {
      const open = el.getAttribute("aria-expanded") !== "true";
      el.setAttribute("aria-expanded", open);
      document.getElementById(el.dataset.toggle).classList.toggle("open", open);
    }
    if ((el = on("[data-copy]"))) {
      navigator.clipboard?.writeText(document.getElementById(el.dataset.copy).textContent.trim()).then(() => {
        el.textContent = el.dataset.done;
      });
    }
    if ((el = on("[data-check-all]"))) {
      const boxes = [...el.form.querySelectorAll("input[type=checkbox]")];
      const all = boxes.every((box) => box.checked);
      boxes.forEach((box) => { box.checked = !all; });
    }
    if ((el = on("[data-step]"))) {
      const input = el.parentElement.querySelector("input");
      const least = Number(input.min || 0), most = Number(input.max || Infinity);
      input.value = Math.min(most, Math.max(least, (Number(input.value) || 0) + Number(el.dataset.step)));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    document.querySelectorAll("details.menu[open], details.confirm.float[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // A list changed by keys is sent with Enter or on leaving it: else each arrow key would load a page.
  let keyed = null, changed = null;
  const send = (el) => { changed = null; el.form.requestSubmit(); };
  document.addEventListener("pointerdown", () => { keyed = null; });
  document.addEventListener("focusout", (event) => { if (changed && changed === event.target) send(changed); });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const target = document.getElementById("palette") ? null : document.getElementById("q");
      event.preventDefault();
      target ? target.focus() : palette();
    }
    if (event.key === "Escape") document.querySelectorAll("details.menu[open], details.confirm[open]").forEach((d) => {
      if (d.contains(document.activeElement)) d.querySelector("summary").focus();
      d.open = false;
    });
    if (event.target.matches("select[data-submit]")) {
      if (event.key === "Enter" && changed === event.target) { event.preventDefault(); send(changed); }
      else if (event.key !== "Tab") keyed = event.target;
    }
    // Rows by arrow keys.
    const row = event.target.closest("table.data tbody tr");
    if (row && !typing && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      const link = next?.querySelector("a, button, summary");
      if (link) { event.preventDefault(); link.focus(); }
    }
  });

  // A form is sent once; the second click waits for the first (the server would not mind either).
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.classList.contains("busy")) return event.preventDefault();
    form.classList.add("busy");
  });
  addEventListener("pageshow", () => document.querySelectorAll("form.busy").forEach((form) => form.classList.remove("busy")));

  document.addEventListener("change", (event) => {
    const el = event.target;
    if (el.matches("[data-submit]")) { if (keyed === el) changed = el; else send(el); }
    const drop = el.closest("[data-drop]");
    if (drop && el.files) drop.querySelector("[data-drop-names]").textContent = [...el.files].map((f) => f.name).join(", ");
  });
  for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => {
    const drop = event.target.closest?.("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      const input = drop.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector?.("[data-drop] progress");
    if (bar && event.detail.lengthComputable) { bar.hidden = false; bar.value = 100 * event.detail.loaded / event.detail.total; }
  });

  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", ready) : ready();
})();
