import { createTheme, type MantineColorsTuple } from "@mantine/core";

const slate: MantineColorsTuple = [
  "#d7dce5",
  "#b6bdca",
  "#98a1b1",
  "#6f798b",
  "#465062",
  "#313a49",
  "#232b38",
  "#171d27",
  "#11161e",
  "#0b0f15",
];

export const theme = createTheme({
  primaryColor: "blue",
  primaryShade: { dark: 7, light: 7 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "19px" },
  defaultRadius: 4,
  cursorType: "pointer",
  respectReducedMotion: true,
  colors: { dark: slate },
  headings: { fontWeight: "600" },
});
