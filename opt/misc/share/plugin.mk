# Where the Makefiles of MFSERV look for it: include $(MFEXT_HOME)/opt/misc/share/plugin.mk
MFSERV_HOME ?= $(MFEXT_HOME)
include $(subst $() ,\ ,$(MFSERV_HOME))/share/plugin.mk
