// In a file of its own, because the page's policy allows no inline scripts.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
  // without this the document would be sent to a public validator
  validatorUrl: null,
});
