export declare const MAX_FIRST_LOAD_BYTES: number;
export declare function firstLoad(folder: string): {
  readonly bytes: number;
  readonly route: string;
  readonly entryBytes: number;
};
