import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countProcessors, fullHostname, hardwareVariables, totalMemoryKb } from './hardware.ts'

test('every fact has both names, and no share of the machine is less than 1', () => {
  const variables = hardwareVariables({
    physicalProcessors: 1,
    cores: 4,
    memoryKb: 16_000,
    hostname: 'sun',
    hostnameFull: 'sun.example.org',
    domain: 'example.org',
    ip: '192.0.2.1',
  })
  assert.deepEqual(Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('MFCOM_'))), {
    MFHARDWARE_NUMBER_OF_PHYSICAL_PROCESSORS: '1',
    MFHARDWARE_NUMBER_OF_CPU_CORES: '4',
    MFHARDWARE_NUMBER_OF_CPU_CORES_PLUS_1: '5',
    MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8',
    MFHARDWARE_NUMBER_OF_CPU_CORES_DIVIDED_BY_2: '2',
    MFHARDWARE_NUMBER_OF_CPU_CORES_DIVIDED_BY_3: '1',
    MFHARDWARE_NUMBER_OF_CPU_CORES_DIVIDED_BY_4: '1',
    MFHARDWARE_NUMBER_OF_CPU_CORES_DIVIDED_BY_6: '1',
    MFHARDWARE_NUMBER_OF_CPU_CORES_DIVIDED_BY_8: '1',
    MFHARDWARE_PHYSICAL_MEMORY: '16000',
    MFHARDWARE_PHYSICAL_MEMORY_DIVIDED_BY_2: '8000',
    MFHARDWARE_PHYSICAL_MEMORY_DIVIDED_BY_3: '5333',
    MFHARDWARE_PHYSICAL_MEMORY_DIVIDED_BY_4: '4000',
    MFHARDWARE_PHYSICAL_MEMORY_DIVIDED_BY_6: '2666',
    MFHARDWARE_PHYSICAL_MEMORY_DIVIDED_BY_8: '2000',
    MFHARDWARE_PHYSICAL_MEMORY_DIVIDED_BY_16: '1000',
    MFHOSTNAME: 'sun',
    MFHOSTNAME_FULL: 'sun.example.org',
    MFHOSTNAME_IP: '192.0.2.1',
    MFDOMAIN: 'example.org',
  })
  for (const [older, newer] of [
    ['MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2', 'MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2'],
    ['MFCOM_HOSTNAME_FULL', 'MFHOSTNAME_FULL'],
    ['MFCOM_DOMAIN', 'MFDOMAIN'],
  ] as const) {
    assert.equal(variables[older], variables[newer])
  }
})

test('the threads of one core count once, and equal core ids of two processors twice', () => {
  const cpu = (id: number, physical: number, core: number) =>
    `processor\t: ${id}\nphysical id\t: ${physical}\ncore id\t\t: ${core}\n`
  const text = [cpu(0, 0, 0), cpu(1, 0, 0), cpu(2, 0, 1), cpu(3, 1, 0)].join('\n')
  assert.deepEqual(countProcessors(text), { physicalProcessors: 2, cores: 3 })
})

test('without core ids every processor counts, and without any text there is one', () => {
  assert.deepEqual(countProcessors('processor\t: 0\nBogoMIPS : 1\n\nprocessor\t: 1\nBogoMIPS : 1\n\nHardware : x\n'), {
    physicalProcessors: 1,
    cores: 2,
  })
  assert.deepEqual(countProcessors(''), { physicalProcessors: 1, cores: 1 })
  assert.equal(totalMemoryKb('MemFree: 1 kB\nMemTotal:    2048 kB\n'), 2048)
  assert.equal(totalMemoryKb('MemFree: 1 kB\n'), 0)
})

test('the full name of the host is the one that /etc/hosts gives it', () => {
  const hosts = '127.0.0.1 localhost\n192.0.2.1 sun.example.org sun # here\n'
  assert.equal(fullHostname('sun', hosts), 'sun.example.org')
  assert.equal(fullHostname('moon', hosts), 'moon')
  assert.equal(fullHostname('a.b.c', `${hosts}192.0.2.2 a.b.c a.b.c.example.net\n`), 'a.b.c')
})

test('of several full names the first in /etc/hosts is taken', () => {
  assert.equal(fullHostname('sun', '192.0.2.1 sun sun.example.org sun.example.net\n'), 'sun.example.org')
  assert.equal(fullHostname('sun', '192.0.2.1 sun.example.org sun\n192.0.2.2 sun.example.net sun\n'), 'sun.example.org')
})
