"use strict";
// Shows what `ownql dev` says of the project in #dev: file, line and what to write, as text. When another server
// answers than before, the document gets the event "ownql-server", by which what has read the schema reads it anew. Where
// GraphiQL could not be loaded, and is kept on this machine since, the page loads again.
{
  const box = document.getElementById("dev");
  const fallback = document.getElementById("fallback");
  let server = null;

  const look = async () => {
    let status;
    try {
      const response = await fetch("/dev/status", { cache: "no-store" });
      if (!response.ok) {
        return;
      }
      status = await response.json();
    } catch {
      return; // it starts again; the next look finds it
    }
    const isMistake = status.state === "mistake";
    const text = isMistake ? status.text : "";
    if (box.textContent !== text) {
      box.textContent = text;
    }
    box.hidden = !isMistake;
    if (server !== null && server !== status.server) {
      document.dispatchEvent(new CustomEvent("ownql-server"));
    }
    server = status.server;
    if (!fallback.hidden && fallback.dataset.kept !== status.graphiql && document.querySelector(":popover-open") === null) {
      location.reload();
    }
  };

  const again = async () => {
    if (!document.hidden) {
      await look();
    }
    setTimeout(again, 700);
  };
  document.addEventListener("visibilitychange", () => document.hidden || look());
  again();
}
