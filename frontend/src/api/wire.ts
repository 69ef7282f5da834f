// What goes over the socket: frames as the server sends them, and the browser's own socket below.

export interface Frame {
  t: string;
  id?: number;
  ch?: string | string[];
  epoch?: string | number;
  seq?: number;
  ts?: string;
  data?: unknown;
  reason?: string;
  code?: number;
  retry_after?: number;
  problem?: { status?: number; title?: string; detail?: string };
}

export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export function deskWire(): Wire {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${window.location.host}/ws/v1/`, ["mtquant.v1"]) as unknown as Wire;
}
