import { useMediaQuery } from "@mantine/hooks";

export const PHONE = "(max-width: 767px)";

export function useIsPhone(): boolean {
  return useMediaQuery(PHONE, window.matchMedia(PHONE).matches, { getInitialValueInEffect: false });
}
