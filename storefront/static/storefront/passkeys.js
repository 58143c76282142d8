// Passkeys: made, signed in with, confirmed with. A page that loads this works without it by codes.
(() => {
  if (!window.PublicKeyCredential || !isSecureContext) return;
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const keys = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const post = async (url, fields = {}) => {
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(fields) });
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(), { said: found.error });
    return found;
  };
  // The browser's objects as JSON: their own toJSON isn't everywhere yet.
  const plain = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
  };
  const make = (options) => navigator.credentials.create({ publicKey: {
    ...options, challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: keys(options.excludeCredentials),
  } }).then(plain);
  const use = (options, more = {}) => navigator.credentials.get({ publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: keys(options.allowCredentials),
  }, ...more }).then(plain);

  // What the server said, else (closed, refused, no key or no network here) the form's own sentence.
  const complain = (place, failed, error) => {
    let note = place.querySelector("[data-passkey-error]");
    if (!note) {
      note = document.createElement("p");
      note.className = "notice tone-bad";
      note.dataset.passkeyError = "";
      note.setAttribute("role", "alert");
      place.append(note);
    }
    note.textContent = error.said || failed;
  };
  const trying = (button, place, failed, work) => async (event) => {
    event?.preventDefault();
    button.disabled = true;
    try { await work(); } catch (error) { complain(place, failed, error); } finally { button.disabled = false; }
  };
  const hand = (form, credential) => { form.elements.credential.value = credential; form.submit(); };

  const creating = document.querySelector("[data-passkey-new]");
  creating?.addEventListener("submit", trying(creating.querySelector("button"), creating, creating.dataset.failed, async () => {
    hand(creating, await make(JSON.parse(document.getElementById("passkey-options").textContent)));
  }));

  // Signing in: by the button, or from the list that the browser opens below the address.
  const entering = document.querySelector("[data-passkey-sign-in]");
  if (entering) {
    entering.hidden = false;
    let waiting = null;
    const button = entering.querySelector("button");
    button.addEventListener("click", trying(button, entering, entering.dataset.failed, async () => {
      waiting?.abort();
      hand(entering, await use(await post(entering.dataset.options)));
    }));
    const offer = async () => {
      if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
      waiting = new AbortController();
      const asked = waiting;
      // A question is good for five minutes: ask anew before.
      setTimeout(() => { if (waiting === asked && !asked.signal.aborted) { asked.abort(); offer(); } }, 240000);
      try {
        hand(entering, await use(await post(entering.dataset.options), { mediation: "conditional", signal: asked.signal }));
      } catch { /* nobody asked for it: the button stays */ }
    };
    offer();
  }

  // Confirming: a button beside each field for a code.
  const offered = document.querySelector("[data-passkey-proof]");
  if (offered) document.querySelectorAll("input[autocomplete=one-time-code]").forEach((input) => {
    const part = offered.content.cloneNode(true).firstElementChild;
    const [button, note] = [part.querySelector("button"), part.querySelector("[role=status]")];
    input.after(part);
    button.addEventListener("click", trying(button, part, offered.dataset.failed, async () => {
      const credential = await use(await post(offered.dataset.options));
      input.value = (await post(offered.dataset.prove, { credential })).code;
      part.querySelector("[data-passkey-error]")?.remove();
      input.hidden = button.hidden = true;
      note.hidden = false;
      // Nothing else to fill in, and nothing lost by it: go on at once.
      const others = [...input.form.elements].filter((one) => one !== input && one !== button && one.type !== "hidden");
      if (others.length === 1 && others[0].matches(".primary")) input.form.requestSubmit(others[0]);
    }));
  });
})();
