-- Answers one request.
ngx.say("Hello World, this is request_id: " .. ngx.var.mfserv_request_id)
