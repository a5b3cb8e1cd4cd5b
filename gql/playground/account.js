"use strict";

// runAccount runs the card in which who is signed in has the account in hand, by what it
// is given of the page's: the script below tells what each is.
const runAccount = ({ query, refusal, wipe, onSubmit, mailed, introduce, depart }) => {
  const card = document.getElementById("account");
  const list = document.getElementById("sessions");

  const ask = async (params) => {
    const answer = await query(params);
    if (!answer?.data || answer.errors) {
      const { message, extensions } = answer?.errors?.[0] ?? { message: "The server gave no reason." };
      throw refusal({ message, field: extensions?.field });
    }
    return answer.data;
  };

  // mutate runs a mutation in the manner of Relay's: its one argument is the input.
  const mutate = (name, input) => {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const text = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
    return ask({ query: text, variables: { input } });
  };

  // What the card says once a mutation is done.
  const words = {
    sendVerificationEmail: () => mailed("A mail is on its way"),
    changePassword: () => ["The password is changed, and your other sessions have ended."],
    changeEmail: () => mailed("Follow the link that is on its way to the new email, which counts from then on"),
    revokeSession: () => ["The session has ended."],
    revokeOtherSessions: () => ["The other sessions have ended."],
  };

  // schema gives a function that tells whether User or Mutation has a field: whoever made
  // the schema may have removed some. Where it cannot be asked, all count as there.
  const schema = async () => {
    const answer = await query({ query: `{
      __schema { mutationType { fields { name } } }
      __type(name: "User") { fields { name } }
    }` });
    if (!answer?.data) {
      return () => true;
    }
    const types = [answer.data.__schema.mutationType, answer.data.__type];
    const names = new Set(types.flatMap((type) => type?.fields ?? []).map((field) => field.name));
    return (name) => names.has(name);
  };

  // brief leaves out of a browser's User-Agent what they all say.
  const brief = (userAgent) => userAgent.replace(/^Mozilla\/5\.0 | AppleWebKit\/\S+ \(KHTML, like Gecko\)/g, "");

  const showSessions = (sessions, has) => {
    const wasInside = list.contains(document.activeElement);
    const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
    list.replaceChildren(...sessions.map(({ id, userAgent, lastUsedAt, current }) => {
      const item = document.getElementById("session").content.cloneNode(true);
      const [agent, time, end, mark] = [".agent", "time", "button", "b"].map((css) => item.querySelector(css));
      agent.textContent = brief(userAgent) || "Unnamed client";
      agent.title = userAgent;
      time.dateTime = lastUsedAt;
      time.textContent = format.format(new Date(lastUsedAt));
      end.value = id;
      end.ariaLabel = `End the session of ${agent.textContent}`;
      end.hidden = current || !has("revokeSession");
      mark.hidden = !current;
      return item;
    }));
    if (wasInside) { // in a button that is gone
      list.closest("details").firstElementChild.focus();
    }
  };

  // load shows the account as the server has it, and of the card what the schema has.
  const load = async () => {
    const alarm = card.querySelector(".error");
    alarm.textContent = "";
    try {
      const has = await schema();
      const fields = ["email", "emailVerified", "pendingEmail", "sessions"].filter(has).join(" ");
      const { viewer } = await ask({ query: `{ viewer { __typename ${fields.replace("sessions",
        "sessions(first: 100) { edges { node { id userAgent lastUsedAt current } } }")} } }` });
      for (const part of card.querySelectorAll("[data-needs]")) {
        part.hidden = !has(part.dataset.needs);
      }
      const { email, emailVerified, pendingEmail, sessions } = viewer ?? {};
      const state = document.createElement("span");
      state.textContent = { true: " · verified", false: " · not verified yet" }[emailVerified] ?? "";
      const next = document.createElement("span");
      next.textContent = pendingEmail ? ` · ${pendingEmail} is waiting for its link` : "";
      document.getElementById("address").replaceChildren(email ?? "", state, next);
      document.getElementById("verification").hidden ||= emailVerified !== false && !pendingEmail;
      showSessions(sessions?.edges.map((edge) => edge.node) ?? [], has);
    } catch (error) {
      alarm.textContent = error.message;
    }
  };

  for (const form of card.querySelectorAll("form")) {
    onSubmit(form, async (fields, { dataset: { mutation } }) => {
      await mutate(mutation, fields);
      if (mutation === "deleteViewer") {
        depart("The account is deleted.");
        return [];
      }
      await Promise.all([load(), introduce()]);
      return words[mutation]();
    });
  }

  // Whatever was typed and said is gone once the card is closed.
  card.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") {
      load();
      return;
    }
    for (const form of card.querySelectorAll("form")) {
      form.reset();
      wipe(form);
    }
    card.querySelectorAll("details").forEach((details) => details.removeAttribute("open"));
    document.getElementById("address").replaceChildren(); // the next may be another's
    list.replaceChildren();
  });
};
