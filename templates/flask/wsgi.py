import os

from flask import Blueprint, Flask, render_template

# nginx passes the whole path on, so every route begins with the name of the plugin.
PREFIX = "/" + os.environ.get("MFSERV_CURRENT_PLUGIN_NAME", "@@name@@")

# nginx serves the files in main/static itself; url_for("static", filename=...) gives their URL.
app = Flask(__name__, static_url_path=f"{PREFIX}/main/static")
# Plugins share a host: without its path, a cookie would be sent to all of them.
app.config["SESSION_COOKIE_PATH"] = PREFIX

pages = Blueprint("pages", __name__, url_prefix=PREFIX)


@pages.route("/")
def hello():
    return "Hello World !"


@pages.route("/<name>")
def hello_name(name):
    return render_template("template_urlparse/index.html", name=name)


@app.errorhandler(404)
def page_not_found(error):
    return render_template("page_not_found.html", home=f"{PREFIX}/"), 404


app.register_blueprint(pages)
