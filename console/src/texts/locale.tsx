import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en, type Texts } from "./en";
import { ro } from "./ro";

export type Language = "en" | "ro";
const KEY = "bee.language";
const TEXTS: Record<Language, Texts> = { en, ro };
// British habits for English: days before months, and a day of 24 hours
const LOCALES: Record<Language, string> = { en: "en-GB", ro: "ro-RO" };

const DAY = /^\d{4}-\d\d-\d\d$/;

export interface Formats {
  /** The sign between the whole and the hundredths of an amount. */
  decimal: string;
  date(value: string): string;
  dateTime(value: string): string;
  time(value: number): string;
  ago(value: number): string;
  number(value: number): string;
  money(value: string | number): string;
  percent(value: number): string;
  month(value: Date): string;
  duration(seconds: number): string;
}

/** Moments in the time zone of the browser; a day alone is that day everywhere. Amounts carry no currency, for the API names none. */
export function formatsOf(language: Language): Formats {
  const locale = LOCALES[language];
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "2-digit" });
  const number = new Intl.NumberFormat(locale);
  const money = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: true });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    decimal: money.formatToParts(0).find(({ type }) => type === "decimal")?.value ?? ".",
    date: (value) => day.format(new Date(DAY.test(value) ? `${value}T00:00` : value)),
    dateTime: (value) => moment.format(new Date(value)),
    time: (value) => clock.format(value),
    ago: (value) => {
      const [amount, unit] = span((value - Date.now()) / 1000);
      return relative.format(amount, unit);
    },
    number: (value) => number.format(value),
    money: (value) => money.format(Number(value)),
    percent: (value) => percent.format(value),
    month: (value) => month.format(value),
    duration: (seconds) => {
      const [amount, unit] = span(seconds);
      return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(amount);
    },
  };
}

/** Seconds in the largest unit that they fill, cut to a whole number. */
export function span(seconds: number): [number, "second" | "minute" | "hour" | "day"] {
  const size = Math.abs(seconds);
  if (size < 60) return [Math.trunc(seconds), "second"];
  if (size < 3600) return [Math.trunc(seconds / 60), "minute"];
  if (size < 86_400) return [Math.trunc(seconds / 3600), "hour"];
  return [Math.trunc(seconds / 86_400), "day"];
}

interface Locale extends Formats {
  language: Language;
  choose(language: Language): void;
  t: Texts;
}

const Context = createContext<Locale | null>(null);

/** What was chosen before, else the first language of the browser that is there. */
export function preferred(chosen: string | null, wanted: readonly string[]): Language {
  const known = [chosen ?? "", ...wanted].map((tag) => tag.slice(0, 2));
  return known.includes("ro") && (!known.includes("en") || known.indexOf("ro") < known.indexOf("en")) ? "ro" : "en";
}

export function LocaleProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() => preferred(localStorage.getItem(KEY), navigator.languages));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const locale = useMemo(() => {
    const choose = (chosen: Language) => {
      localStorage.setItem(KEY, chosen);
      setLanguage(chosen);
    };
    return { ...formatsOf(language), language, choose, t: TEXTS[language] };
  }, [language]);
  return <Context value={locale}>{children}</Context>;
}

export function useLocale(): Locale {
  const locale = useContext(Context);
  if (!locale) throw new Error("outside a LocaleProvider");
  return locale;
}
