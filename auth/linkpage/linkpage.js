"use strict";
{
  const form = document.querySelector("form");
  const button = document.querySelector("button");
  const error = document.getElementById("error");
  const done = document.getElementById("done");

  // send gives what went wrong, in words; nothing where all went well.
  const send = async (content) => {
    let response;
    try {
      response = await fetch(location.pathname, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(content),
      });
    } catch {
      return "The server cannot be reached. Try again.";
    }
    if (response.ok) {
      return "";
    }
    const body = await response.json().catch(() => null);
    return body?.error?.message ?? `The server answered ${response.status}.`;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    button.disabled = true;
    const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
    const problem = await send({ token, ...Object.fromEntries(new FormData(form)) });
    button.disabled = false;
    if (problem !== "") {
      error.textContent = problem;
      return;
    }
    history.replaceState(null, "", location.pathname); // the token is used up
    form.hidden = true;
    done.hidden = false;
    done.focus();
  });
}
