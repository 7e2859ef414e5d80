/** How long `verify` waits for its probe: EventBridge takes about five minutes once it is turned on. Seconds. */
export const probeTimeout = 360;
