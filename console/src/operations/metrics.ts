export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The samples of Prometheus's text form; lines that are none are passed over. */
export function samplesOf(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
    if (!match) return [];
    const labels = Object.fromEntries([...(match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((found) => [found[1], found[2]]));
    return [{ name: match[1] ?? "", labels, value: Number((match[3] ?? "").replace("Inf", "Infinity")) }];
  });
}

/** The sum of a metric's samples, null where it has none. */
export function sumOf(samples: Sample[], name: string): number | null {
  const found = samples.filter((sample) => sample.name === name && !Number.isNaN(sample.value));
  return found.length ? found.reduce((sum, sample) => sum + sample.value, 0) : null;
}

export interface Job {
  name: string;
  /** Milliseconds since 1970, null where it never succeeded. */
  lastSuccess: number | null;
  /** Of the last run that ended; null where none has. */
  exitCode: number | null;
}

const JOB = "bee_customers_job_last_";

/** The jobs that ran at least once, also those that only ever failed. */
export function jobsOf(samples: Sample[]): Job[] {
  const valueOf = (kind: string, name: string) =>
    samples.find((sample) => sample.name === JOB + kind && sample.labels["job"] === name)?.value ?? null;
  const names = samples.filter(({ name }) => name.startsWith(JOB)).flatMap(({ labels }) => labels["job"] ?? []);
  return [...new Set(names)].map((name) => {
    const seconds = valueOf("success_timestamp_seconds", name);
    return { name, lastSuccess: seconds ? seconds * 1000 : null, exitCode: valueOf("exit_code", name) };
  });
}
