import { Radio, Table } from '@mantine/core';
import { useId } from 'react';
import { AREAS, LEVELS } from '../api/permissions.js';
import type { Permissions } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

interface PermissionGridProps {
  readonly value: Permissions;
  /** Absent: it is only shown. */
  readonly onChange?: ((value: Permissions) => void) | undefined;
}

/** An area a row, a level a column: a role at one glance. */
export function PermissionGrid({ value, onChange }: PermissionGridProps) {
  const t = useWords();
  const id = useId();
  return (
    <Table aria-label={t.roles.permissions} withRowBorders className="grid">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.roles.area}</Table.Th>
          {LEVELS.map((level) => (
            <Table.Th key={level} ta="center">
              {t.levels[level]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {AREAS.map((area) => (
          <Table.Tr key={area}>
            <Table.Th scope="row" fw={400}>
              {t.areas[area]}
            </Table.Th>
            {LEVELS.map((level) => (
              <Table.Td key={level}>
                <Radio
                  name={`${id}-${area}`}
                  aria-label={`${t.areas[area]}: ${t.levels[level]}`}
                  checked={(value[area] ?? 'none') === level}
                  disabled={onChange === undefined}
                  onChange={() => onChange?.({ ...value, [area]: level })}
                  className="centred"
                />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
