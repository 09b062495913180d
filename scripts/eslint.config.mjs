// Nothing that Chromium 86 (October 2020: 360, UOS, 麒麟) cannot run: its syntax and its interfaces.
import compat from "eslint-plugin-compat";

export default [
  {
    ...compat.configs["flat/recommended"],
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2020, sourceType: "script" },
    settings: { browsers: ["chrome 86"] },
  },
];
