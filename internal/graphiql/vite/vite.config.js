import { defineConfig } from "vite";

export default defineConfig({
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    lib: { entry: "graphiql.js", formats: ["iife"], name: "ownqlGraphiQL", fileName: () => "graphiql.js", cssFileName: "graphiql" },
    // Directives such as "use client", of which the packages have hundreds, mean nothing to a bundle.
    rollupOptions: { onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning) },
  },
});
