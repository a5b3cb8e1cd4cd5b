// The same names on window as the scripts of the CDN give, so that the page need not know which it has.
import * as React from "react";
import { createRoot } from "react-dom/client";
import { GraphiQL } from "graphiql";
import * as GraphiQLReact from "@graphiql/react";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { createLocalStorage } from "@graphiql/toolkit";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";

window.React = React;
window.ReactDOM = { createRoot };
window.GraphiQL = Object.assign(GraphiQL, { React: GraphiQLReact, createLocalStorage });
window.GraphiQLPluginExplorer = { explorerPlugin };
