import type { BootReport, ReportOptions, VecportHost } from '@vecport/core';

/** The application's boot report, asked once and again on demand. */
export interface BootReports {
  /** The report of the last `refresh`; asks if there was none. */
  latest(): Promise<BootReport>;
  /** Ask every adapter anew. */
  refresh(options?: ReportOptions): Promise<BootReport>;
}

/** The boot reports of a host. */
export function createBootReports(host: Pick<VecportHost, 'report'>): BootReports {
  let last: BootReport | undefined;
  const refresh = async (options?: ReportOptions): Promise<BootReport> => {
    last = await host.report(options);
    return last;
  };
  return { latest: async () => last ?? (await refresh()), refresh };
}
