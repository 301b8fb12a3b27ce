/** Mantine in our colours: it asks the same variables as everything else. */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** Mantine's ten shades all come from the tokens, so that a theme is changed in one place. */
const loom: MantineColorsTuple = [
  "#f1f0fc",
  "#dfdcf7",
  "#c0bbf0",
  "#a099e8",
  "#8379e0",
  "#6a5fd8",
  "#5a50d0",
  "#4f46c8",
  "#4239b0",
  "#352d93",
];

const PRIMARY = "loom";

export const theme = createTheme({
  primaryColor: PRIMARY,
  // Mantine judges by its own shades which text stands on the accent; the token knows for every theme.
  variantColorResolver: (input) => {
    const found = defaultVariantColorsResolver(input);
    const isPrimary = input.variant === "filled" && (input.color ?? PRIMARY) === PRIMARY;
    return isPrimary ? { ...found, color: "var(--on-accent)" } : found;
  },
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  colors: { loom },
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
  fontFamilyMonospace:
    "'JetBrains Mono', ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 350 } },
    Menu: { defaultProps: { shadow: "md", withinPortal: true } },
    Modal: {
      defaultProps: { centered: true, radius: "lg" },
      styles: {
        content: { backgroundColor: "var(--panel)" },
        header: { backgroundColor: "var(--panel)" },
        title: { fontWeight: 620, fontSize: "1.0625rem" },
      },
    },
  },
});

const shared = {
  "--mantine-color-body": "var(--page)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-muted)",
  "--mantine-color-placeholder": "var(--text-muted)",
  "--mantine-color-error": "var(--status-failed)",
  "--mantine-color-default": "var(--raised)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--border)",
  "--mantine-primary-color-filled": "var(--accent)",
  "--mantine-primary-color-filled-hover": "var(--accent-hover)",
  "--mantine-primary-color-contrast": "var(--on-accent)",
  "--mantine-primary-color-light": "var(--accent-soft)",
  "--mantine-primary-color-light-color": "var(--accent-ink)",
  "--mantine-color-loom-filled": "var(--accent)",
  "--mantine-color-loom-filled-hover": "var(--accent-hover)",
  "--mantine-color-loom-light": "var(--accent-soft)",
  "--mantine-color-loom-light-color": "var(--accent-ink)",
  "--mantine-color-loom-text": "var(--accent-ink)",
  "--mantine-color-anchor": "var(--accent-ink)",
  // Its own orange on its own yellow is 2.7 to 1.
  "--mantine-color-yellow-light-color": "var(--text)",
};

/** Mantine's own greys of the dark theme are warm; ours have the blue of the surfaces. */
const dark = {
  ...shared,
  "--mantine-color-dark-3": "var(--text-muted)",
  "--mantine-color-dark-4": "var(--border)",
  "--mantine-color-dark-5": "var(--hover)",
  "--mantine-color-dark-6": "var(--sunken)",
  "--mantine-color-dark-7": "var(--page)",
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: shared,
  light: shared,
  dark,
});
