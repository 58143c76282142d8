// While a city or a district is typed, those of the chosen province are offered. Without this file
// they are typed in full.
(() => {
  const known = new Map();
  const areas = (url, of) => {
    if (!known.has(of)) known.set(of, fetch(`${url}?of=${of}`).then((answer) => (answer.ok ? answer.json() : { data: [] })).then(({ data }) => data, () => { known.delete(of); return []; }));
    return known.get(of);
  };

  const offer = async (input) => {
    const province = input.form?.querySelector("select[data-areas]");
    if (!province?.value) return;
    const cities = await areas(province.dataset.areas, province.value);
    const city = input.dataset.area === "city" ? null : input.form.querySelector("[data-area=city]").value.trim();
    const within = city === null ? null : cities.find((one) => one.name["zh-Hans"] === city) || (cities.length === 1 && !city ? cities[0] : null);
    const found = city === null ? cities : within ? await areas(province.dataset.areas, within.code) : [];
    const key = `${input.id}_areas`;
    let list = document.getElementById(key);
    if (!list) {
      list = Object.assign(document.createElement("datalist"), { id: key });
      input.after(list);
      input.setAttribute("list", key);
    }
    list.replaceChildren(...found.map((one) => Object.assign(document.createElement("option"), { value: one.name["zh-Hans"] })));
  };

  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLInputElement && target.dataset.area) offer(target);
  });
})();
