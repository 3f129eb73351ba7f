# The targets of a plugin. Its Makefile includes this file, and may add rules to the double-colon hooks:
#   precustom::   before the check and the build
#   custom::      after the build, when the virtualenv and node_modules are there. Files that config.ini names may be made by it:
#                 the check that they are there comes after it
# The steps run as makes of their own, so that they keep their order with -j as well.

.PHONY: all develop release clean superclean precustom custom

# An editor may have given the label the line ends of Windows.
PLUGIN_NAME = $(shell sed -n 's/^plugin_\([A-Za-z0-9_-]*\)@mfserv[[:space:]]*$$/\1/p' .layerapi2_label 2>/dev/null)

# A Makefile of another name says it, or make would read that of the application where it calls itself.
again = $(MAKE) --no-print-directory $(if $(MFSERV_MAKEFILE),-f $(MFSERV_MAKEFILE))

# A word for the shell, whatever stands in it.
quoted = '$(subst ','\'',$(1))'

# The makefiles of the plugin that have rules for custom.
CUSTOM = $(shell grep -lsE '^custom[[:space:]]*::' $(MAKEFILE_LIST))

MAKE_PLUGIN = $(call quoted,$(MFSERV_HOME)/bin/_plugins.make) --plugin-path $(call quoted,$(CURDIR))

all:
	@+$(again) precustom
	@$(MAKE_PLUGIN) $(if $(CUSTOM),--unfinished)
	@+$(again) custom
	@$(if $(CUSTOM),$(MAKE_PLUGIN) >/dev/null)

# make develop FOLLOW=1 stays, and shows reloads, errors and log lines until Ctrl-C.
develop: all
	@$(call quoted,$(MFSERV_HOME)/bin/_plugins.develop) --ignore-already-installed --checked $(if $(filter-out 0,$(FOLLOW)),--follow) --plugin-path $(call quoted,$(CURDIR)) -- '$(PLUGIN_NAME)'

# make release SIGN=<key> signs the file.
release: all
	@$(call quoted,$(MFSERV_HOME)/bin/_plugins.release) --plugin-path $(call quoted,$(CURDIR)) $(if $(SIGN),--sign $(call quoted,$(SIGN)))

# Where the Makefile has a target test of its own, that one is meant.
ifneq ($(filter test,$(MAKECMDGOALS)),)
ifeq ($(shell grep -ls '^test[[:space:]]*:' $(filter-out $(lastword $(MAKEFILE_LIST)),$(MAKEFILE_LIST))),)
.PHONY: test
test: all
	@$(call quoted,$(MFSERV_HOME)/bin/mfserv) test --plugin-path $(call quoted,$(CURDIR))
endif
endif

precustom custom::
	@:

# What make made. The frozen versions stay, so that the next make builds the same.
clean::
	rm -rf local node_modules tmp_build *.plugin *.plugin.*.tmp *.tar.gz .configuration_cache
	rm -rf python*_virtualenv_sources/src python*_virtualenv_sources/*.tmp python*_virtualenv_sources/tempolayer*
	rm -f python*_virtualenv_sources/freezed_requirements.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

superclean:: clean
	rm -f python*_virtualenv_sources/requirements2.txt python*_virtualenv_sources/requirements3.txt package-lock.json
