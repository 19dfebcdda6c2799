export { type Alarm, HIDDEN_PAGE_SLACK_MS, plainAlarm, workerAlarm } from "./alarm.js";
export type { Clock } from "./clock.js";
export { Driver } from "./driver.js";
export type { Channel, Core, CoreRegistration, Environment, Locks, Store } from "./environment.js";
export type { Listeners, Notice, Role } from "./listeners.js";
export type { Exported, Scenario, ScenarioStep } from "./log.js";
export type { DriverOptions } from "./options.js";
export type { RegisterRequest, Registrar, Resolver, UnregisterRequest } from "./types.js";
