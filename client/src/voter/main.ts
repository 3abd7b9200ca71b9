import "../ui/style.css";
import { mount } from "svelte";
import { language } from "../ui/language.svelte.ts";
import App from "./App.svelte";
import { loadWords } from "./texts/index.ts";

await loadWords(language.current);
mount(App, { target: document.getElementById("app")! });
