import { MantineProvider } from "@mantine/core";
import type { Preview } from "@storybook/react-vite";
import { MemoryRouter } from "react-router";
import "@/shared/ui/styles.css";
import { startLanguages } from "@/app/i18n";
import { applyTheme } from "@/shared/ui/theme/apply-theme";
import { cssVariables, theme } from "@/shared/ui/theme/theme";
import { THEMES, type ThemeName } from "@/shared/ui/theme/tokens";

const preview: Preview = {
  parameters: { a11y: { test: "error" }, layout: "fullscreen" },
  initialGlobals: { theme: "light" },
  globalTypes: {
    theme: { description: "Theme", toolbar: { title: "Theme", items: [...THEMES] } },
  },
  loaders: [() => startLanguages()],
  decorators: [
    (Story, { globals }) => {
      const name: ThemeName = globals.theme;
      applyTheme(name);
      return (
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariables}
          forceColorScheme={name.startsWith("dark") ? "dark" : "light"}
        >
          <MemoryRouter>
            <Story />
          </MemoryRouter>
        </MantineProvider>
      );
    },
  ],
};

export default preview;
