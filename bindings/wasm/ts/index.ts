export * from "./api.js";
export { init } from "./module.js";
