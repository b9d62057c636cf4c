import { useEffect, useState } from 'react';

const KEY = 'theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** Light, dark, or as the system has it; remembered by this browser. */
export function ThemeSwitch(): React.JSX.Element {
  const [theme, setTheme] = useState<Theme>(remembered);
  useEffect(() => {
    if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', theme);
    localStorage.setItem(KEY, theme);
  }, [theme]);
  return (
    <label className="theme">
      <span className="muted">Theme</span>
      <select value={theme} onChange={({ target }) => setTheme(themeOf(target.value))}>
        {THEMES.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function remembered(): Theme {
  return themeOf(localStorage.getItem(KEY));
}

function themeOf(text: string | null): Theme {
  return THEMES.find((name) => name === text) ?? 'auto';
}
