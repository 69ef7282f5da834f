/** True under `npm run dev` without a desk: made-up answers, never part of a build. */
declare const __DEV_DATA__: boolean;
