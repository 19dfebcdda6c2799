// Light or dark: the system's wish, unless the switch says otherwise.

import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "./storage.js";

const KEY = "rehome-theme";
const wish = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
  const chosen = kept("local", KEY);
  return chosen ? chosen === "dark" : wish.matches;
}

/** Until this is called the style follows the system. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
}

export function useDark(): [boolean, (dark: boolean) => void] {
  const [dark, setDark] = useState(isDark());
  useEffect(() => {
    const follow = () => {
      applyTheme();
      setDark(isDark());
    };
    wish.addEventListener("change", follow);
    return () => wish.removeEventListener("change", follow);
  }, []);
  const choose = (next: boolean) => {
    keep("local", KEY, next ? "dark" : "light");
    applyTheme();
    setDark(next);
  };
  return [dark, choose];
}
