export { type AppOptions, buildApp } from "./app.ts";
export { type BoardServer, type BoardServerOptions, openBoardServer, passesOrigin } from "./board-server.ts";
export {
  type Config,
  ConfigError,
  configSchema,
  printableConfig,
  readConfig,
  secretSettings,
  variables,
} from "./config.ts";
export { type Database, openDatabase } from "./database/database.ts";
