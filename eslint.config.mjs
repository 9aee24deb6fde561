import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const NO_TESTS = { regex: "/(test|bench|scripts)/", message: "Helpers of tests are no part of the package." };

const strict = {
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  eqeqeq: "error",
  // Slow, and nothing here is an enum.
  "@typescript-eslint/no-unsafe-enum-assignment": "off",
};

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "node_modules/", ".demo/", ".lanes/"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.check.json", "./nodes/editor/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: strict,
  },
  {
    files: ["src/**/*.ts", "nodes/**/*.ts"],
    ignores: ["nodes/editor/**"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["any", "timeout"].map((property) => ({
          object: "AbortSignal",
          property,
          message: "Garbage collection takes its limit away: see src/lib/signals.ts.",
        })),
      ],
    },
  },
  {
    // nodes/ → src/index.ts, never the other way; test/package/architecture.test.ts finds cycles.
    files: ["nodes/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "/src/", message: "src/index.ts is the only door of src/." }, NO_TESTS] },
      ],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: "/nodes(/|$)", message: "src/ knows nothing of Node-RED." },
            { regex: "^node:fs", message: "src/lib/files.ts asks the disk, in turns and with a limit." },
            NO_TESTS,
          ],
        },
      ],
    },
  },
  {
    files: ["src/lib/files.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [NO_TESTS] }] },
  },
  {
    // `export = (RED) => …` is the one form that loads in Node-RED 4 and 5; node constructors are called with `new` by Node-RED.
    files: ["nodes/*/*.ts"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    // describe/it return nothing we await; assertions on loosely typed answers are the point of a test.
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      // Slow over so much code, and no user meets what they find: stand-ins are no instances.
      "@typescript-eslint/no-deprecated": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
    },
  },
  {
    // scripts/demo → test/virtual-device, never back: the device gets its pictures and films injected.
    files: ["test/virtual-device/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "/(scripts|demo)/", message: "The demo uses the virtual device, not the other way." }] },
      ],
    },
  },
  {
    // Bodies of function nodes.
    files: ["scripts/demo/dashboard/functions/*.js"],
    languageOptions: {
      sourceType: "commonjs",
      globals: {
        msg: "readonly",
        context: "readonly",
        flow: "readonly",
        fs: "readonly",
        path: "readonly",
        crypto: "readonly",
        Buffer: "readonly",
        globalThis: "writable",
      },
    },
  },
  {
    files: ["scripts/**/*.{mjs,cjs}", "*.mjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        fetch: "readonly",
        performance: "readonly",
        setTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        setImmediate: "readonly",
        __dirname: "readonly",
        AbortSignal: "readonly",
      },
    },
  },
);
