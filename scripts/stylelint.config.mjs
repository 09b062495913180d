// Nothing that Chromium 86 (October 2020: 360, UOS, 麒麟) cannot show. "Baseline 2020" is what all browsers
// could show then; the exceptions are what Chromium could and others could not, each with its version.
export default {
  plugins: ["stylelint-plugin-use-baseline"],
  rules: {
    "plugin/use-baseline": [
      true,
      {
        available: 2020,
        ignoreAtRules: ["page"], // 15
        ignoreSelectors: ["focus-visible", "backdrop"], // 86, 37
        ignoreFunctions: ["rect"], // 1
        ignoreProperties: {
          "appearance": ["none"], // 84
          "clip": [], // 1
          "outline": ["solid"], // 1
          "overflow-wrap": ["anywhere"], // 80
          "resize": [], // 4
          "scroll-margin-top": [], // 69
          "scroll-padding-top": [], // 69
          "text-size-adjust": [], // 54
          // Only a colour, of a tick box and of paper: without them both are plain.
          "accent-color": [], // 93
          "print-color-adjust": ["exact"], // 136; with -webkit- before it 17
        },
      },
    ],
  },
};
