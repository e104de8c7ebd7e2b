import { createTheme, rem, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** The one accent: an indigo that keeps 4.5:1 on white (6), under white (5) and on the dark surface (3). */
const baton: MantineColorsTuple = [
  '#eef0ff',
  '#dfe2fd',
  '#bcc2f8',
  '#98a1f4',
  '#7983ee',
  '#6066e2',
  '#4f52d9',
  '#4344bf',
  '#3838a3',
  '#2c2c82',
];

/** Greys with a little blue: surfaces of the dark scheme, from text (0) to the deepest ground (9). */
const dark: MantineColorsTuple = [
  '#d7dae4',
  '#b4b9c8',
  '#979daf',
  '#6c7286',
  '#3d4252',
  '#2c303d',
  '#20232e',
  '#191c25',
  '#14161e',
  '#0f1117',
];

export const theme = createTheme({
  primaryColor: 'baton',
  primaryShade: 6,
  colors: { baton, dark },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  fontFamily: '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: rem(12), sm: rem(13.5), md: rem(15), lg: rem(17), xl: rem(20) },
  spacing: { xs: rem(8), sm: rem(12), md: rem(16), lg: rem(24), xl: rem(32) },
  radius: { xs: rem(4), sm: rem(6), md: rem(8), lg: rem(12), xl: rem(20) },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: rem(24), lineHeight: '1.3' },
      h2: { fontSize: rem(18), lineHeight: '1.35' },
      h3: { fontSize: rem(15), lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Paper: { defaultProps: { withBorder: true, radius: 'lg' } },
    Modal: { defaultProps: { radius: 'lg', centered: true, closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
});

/** `--baton-ground` lies under everything, `--baton-surface` is what cards stand on. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b6273',
    '--mantine-color-placeholder': '#6b7283',
    '--mantine-color-default-border': '#e2e5ec',
    '--baton-ground': '#f6f7fa',
    '--baton-surface': '#ffffff',
    '--baton-hover': '#f1f3f8',
    '--baton-line': '#e2e5ec',
    '--baton-accent-text': 'var(--mantine-color-baton-7)',
    '--baton-accent-soft': 'var(--mantine-color-baton-0)',
  },
  dark: {
    '--mantine-color-body': '#14161e',
    '--mantine-color-dimmed': '#9aa1b5',
    '--mantine-color-placeholder': '#868da2',
    '--mantine-color-default-border': '#2c303d',
    '--baton-ground': '#0f1117',
    '--baton-surface': '#171a23',
    '--baton-hover': '#1f232e',
    '--baton-line': '#282c38',
    '--baton-accent-text': 'var(--mantine-color-baton-3)',
    '--baton-accent-soft': 'rgb(98 105 230 / 16%)',
    '--mantine-color-baton-light': 'rgb(98 105 230 / 20%)',
    '--mantine-color-baton-light-hover': 'rgb(98 105 230 / 28%)',
    '--mantine-color-baton-light-color': 'var(--mantine-color-baton-2)',
    '--mantine-color-red-light': 'rgb(240 62 62 / 16%)',
    '--mantine-color-red-light-hover': 'rgb(240 62 62 / 24%)',
    '--mantine-color-red-light-color': 'var(--mantine-color-red-3)',
  },
});
