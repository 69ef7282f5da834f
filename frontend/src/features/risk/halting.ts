import { useMutation, useQueryClient } from "@tanstack/react-query";
import { newKey, write } from "@/api/client";
import type { Breaker } from "@/api/shapes";

export interface HaltWish {
  scope: string;
  reason: string;
  word: string;
  password?: string;
}

export const WORD = "HALT";
/** The desk takes no shorter reason. */
export const SHORTEST = 8;

/** What still keeps a halt from being sent; empty when it may go. */
export function missing(wish: HaltWish, needsPassword: boolean): ("reason" | "word" | "password")[] {
  const wants: ("reason" | "word" | "password")[] = [];
  if (wish.reason.trim().length < SHORTEST) wants.push("reason");
  if (wish.word !== WORD) wants.push("word");
  if (needsPassword && !wish.password) wants.push("password");
  return wants;
}

export function useHalt() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ password, ...wish }: HaltWish) =>
      write<Breaker>("/risk/halt/", { key: newKey(), body: { ...wish, ...(password ? { password } : {}) } }),
    onSuccess: () => client.invalidateQueries(),
  });
}
